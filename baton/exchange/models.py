"""Contents page: every table of this side."""

from baton.exchange.api.models import ApiToken, KeptAnswer, Usage
from baton.exchange.imports.models import ExternalId, ImportChange, ImportRun, RefusedRow

__all__ = ["ApiToken", "ExternalId", "ImportChange", "ImportRun", "KeptAnswer", "RefusedRow", "Usage"]
