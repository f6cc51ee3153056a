"""Addresses of the Website pages."""

from django.urls import path

from baton.tracking.website import views

urlpatterns = [
    path("website/", views.website, name="website"),
    path("website/now/", views.website_now, name="website_now"),
    path("website/panel/<slug:by>/", views.website_panel, name="website_panel"),
    path("website/by/<slug:by>/", views.website_list, name="website_list"),
    path("website/people/", views.website_people, name="website_people"),
    path("website/install/", views.install, name="website_install"),
    path("website/sites/", views.add_site, name="website_add_site"),
    path("website/sites/<int:site_id>/remove/", views.remove_site, name="website_remove_site"),
]
