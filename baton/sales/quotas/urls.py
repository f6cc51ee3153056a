"""Addresses of quotas."""

from django.urls import path

from baton.sales.quotas import views

urlpatterns = [
    path("quotas/", views.quotas, name="quotas"),
    path("quotas/set/", views.quota_set, name="quota_set"),
]
