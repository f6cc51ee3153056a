"""Addresses of the Website pages."""

from django.urls import path

from baton.tracking.website import views

urlpatterns = [
    path("website/", views.website, name="website"),
    path("website/install/", views.install, name="website_install"),
    path("website/sites/", views.add_site, name="website_add_site"),
    path("website/sites/<int:site_id>/remove/", views.remove_site, name="website_remove_site"),
]
