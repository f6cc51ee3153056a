"""Addresses of the weekly mails."""

from django.urls import path

from baton.tracking.weekly import views

urlpatterns = [
    path("website/weekly/add/", views.mail_weekly, name="mail_weekly"),
    path("website/weekly/<int:mail_id>/stop/", views.stop_weekly, name="stop_weekly"),
]
