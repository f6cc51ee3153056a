"""Addresses of the funnels."""

from django.urls import path

from baton.tracking.funnels import views

urlpatterns = [
    path("website/funnels/", views.funnels, name="funnels"),
    path("website/funnels/new/", views.new_funnel, name="new_funnel"),
    path("website/funnels/preview/", views.preview_funnel, name="preview_funnel"),
    path("website/funnels/<int:funnel_id>/", views.funnel, name="funnel"),
    path("website/funnels/<int:funnel_id>/people/<int:step>/", views.funnel_people, name="funnel_people"),
    path("website/funnels/<int:funnel_id>/edit/", views.edit_funnel, name="edit_funnel"),
    path("website/funnels/<int:funnel_id>/delete/", views.remove_funnel, name="delete_funnel"),
    path("website/funnels/<int:funnel_id>/back/", views.restore_funnel, name="bring_back_funnel"),
]
