"""Addresses of activities."""

from django.urls import path

from baton.sales.activities import views

urlpatterns = [path("activities/log/", views.log_activity, name="log_activity")]
