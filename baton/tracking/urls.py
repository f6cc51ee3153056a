"""Contents page: every address of this side. The beacon's (/e, /b.js) lie in front of Django: collect/beacon.py."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("baton.tracking.channels.urls")),
    path("", include("baton.tracking.funnels.urls")),
    path("", include("baton.tracking.goals.urls")),
    path("", include("baton.tracking.paths.urls")),
    path("", include("baton.tracking.retention.urls")),
    path("", include("baton.tracking.shares.urls")),
    path("", include("baton.tracking.website.urls")),
    path("", include("baton.tracking.weekly.urls")),
]
