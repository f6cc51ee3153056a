"""Addresses of the paths."""

from django.urls import path

from baton.tracking.paths import views

urlpatterns = [path("website/paths/", views.paths, name="paths")]
