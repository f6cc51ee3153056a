"""Addresses of the Website pages."""

from django.urls import path

from baton.tracking.website import saved, views

urlpatterns = [
    path("website/", views.website, name="website"),
    path("website/now/", views.website_now, name="website_now"),
    path("website/panel/<slug:by>/", views.website_panel, name="website_panel"),
    path("website/by/<slug:by>/", views.website_list, name="website_list"),
    path("website/not-found/", views.website_not_found, name="website_not_found"),
    path("website/people/", views.website_people, name="website_people"),
    path("website/views/", saved.website_views, name="website_views"),
    path("website/views/save/", saved.save_website_view, name="save_website_view"),
    path("website/views/open-with/", saved.open_website_with, name="open_website_with"),
    path("website/views/<int:view_id>/change/", saved.change_website_view, name="change_website_view"),
    path("website/views/<int:view_id>/delete/", saved.delete_website_view, name="delete_website_view"),
    path("website/views/<int:view_id>/restore/", saved.restore_website_view, name="restore_website_view"),
    path("website/install/", views.install, name="website_install"),
    path("website/sites/", views.add_site, name="website_add_site"),
    path("website/sites/<int:site_id>/remove/", views.remove_site, name="website_remove_site"),
]
