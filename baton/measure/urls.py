"""Contents page: every address of this side."""

from django.urls import URLPattern, URLResolver, path

from baton.measure.homes import views as homes
from baton.measure.loop import views as loop
from baton.measure.origins import views as origins
from baton.measure.pipeline import views as pipeline

urlpatterns: list[URLPattern | URLResolver] = [
    path("home/behind/<slug:figure>/", homes.behind_figure, name="home_behind"),
    path("home/channels/", homes.visits_by_channel, name="home_channels"),
    path("home/direct-visits/", homes.direct_visits, name="home_direct"),
    path("home/clean-contacts/", homes.clean_contacts, name="home_data"),
    path("reports/", loop.reports, name="reports"),
    path("reports/closed-loop/", loop.loop, name="closed_loop"),
    path("reports/pipeline/", pipeline.pipeline, name="report_pipeline"),
    path("reports/origins/", origins.origins, name="report_origins"),
]
