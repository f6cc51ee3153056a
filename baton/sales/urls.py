"""Contents page: every address of this side."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("baton.sales.deals.urls")),
    path("", include("baton.sales.pipelines.urls")),
    path("", include("baton.sales.today.urls")),
    path("", include("baton.sales.activities.urls")),
    path("", include("baton.sales.tasks.urls")),
    path("", include("baton.sales.quotas.urls")),
    path("", include("baton.sales.products.urls")),
    path("", include("baton.sales.quotes.urls")),
    path("", include("baton.sales.signatures.urls")),
    path("", include("baton.sales.orders.urls")),
]
