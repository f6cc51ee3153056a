"""Addresses of the channels."""

from django.urls import path

from baton.tracking.channels import views

urlpatterns = [
    path("website/channels/", views.channels, name="channels"),
    path("website/channels/change/", views.change_channels, name="change_channels"),
    path("website/channels/<int:number>/", views.channel_version, name="channel_version"),
    path("website/channels/<int:number>/restore/", views.restore_channels, name="restore_channels"),
]
