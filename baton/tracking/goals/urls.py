"""Addresses of the goals."""

from django.urls import path

from baton.tracking.goals import views

urlpatterns = [
    path("website/goals/", views.goals, name="website_goals"),
    path("website/goals/add/", views.add_goal, name="add_goal"),
    path("website/goals/<int:goal_id>/delete/", views.delete_goal, name="delete_goal"),
]
