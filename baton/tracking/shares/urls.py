"""Addresses of shared looks."""

from django.urls import path

from baton.tracking.shares import views

urlpatterns = [
    path("website/shared/", views.shares, name="website_shares"),
    path("website/shared/add/", views.share, name="share_look"),
    path("website/shared/<int:share_id>/delete/", views.unshare, name="unshare_look"),
    path("w/<str:token>", views.shared, name="shared_look"),
]
