"""Addresses of tasks."""

from django.urls import path

from baton.sales.tasks import views

urlpatterns = [
    path("tasks/add/", views.add_task, name="add_task"),
    path("tasks/<int:task_id>/done/", views.task_done, name="task_done"),
    path("tasks/<int:task_id>/reopen/", views.task_reopen, name="task_reopen"),
    path("tasks/<int:task_id>/move/", views.task_move, name="task_move"),
    path("tasks/<int:task_id>/snooze/", views.task_snooze, name="task_snooze"),
]
