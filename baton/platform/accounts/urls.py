"""Addresses of one's own pages."""

from django.urls import URLPattern, URLResolver, path

from baton.platform.accounts import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/", views.profile, name="profile"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.read_notifications, name="read_notifications"),
    path("notifications/<int:notification_id>/", views.open_notification, name="open_notification"),
]
