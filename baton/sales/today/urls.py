"""Addresses of Today."""

from django.urls import path

from baton.sales.today import views

urlpatterns = [path("today/", views.today, name="today")]
