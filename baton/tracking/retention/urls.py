"""Addresses of the retention page."""

from django.urls import path

from baton.tracking.retention import views

urlpatterns = [path("website/retention/", views.retention, name="retention")]
