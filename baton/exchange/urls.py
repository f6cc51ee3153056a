"""Contents page: every address of this side."""

from django.urls import URLPattern, URLResolver, path

from baton.exchange.api import views as tokens
from baton.exchange.api.routes import api
from baton.exchange.imports import views as imports

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("settings/tokens/", tokens.token_page, name="tokens"),
    path("settings/tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke_token"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/", imports.new_import, name="new_import"),
    path("imports/<int:run_id>/", imports.import_page, name="import"),
    path("imports/<int:run_id>/start/", imports.start_import, name="start_import"),
    path("imports/<int:run_id>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<int:run_id>/refused.csv", imports.refused_csv, name="refused_csv"),
    path("imports/<int:run_id>/undo/", imports.undo_import, name="undo_import"),
]
