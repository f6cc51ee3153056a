"""What every part of the API does alike: check permission, page by key, keep answers for repeats."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from ninja import Query, Status

from baton.exchange.api.models import ApiToken, KeptAnswer
from baton.exchange.api.problems import Problem, ProblemOut
from baton.exchange.api.tokens import ApiRequest
from baton.platform.pages import Sort, page_of

MAX_PAGE = 200
KEPT_HOURS = 24
LONGEST_KEY = 120
BY_ID = Sort("pk", False, "")
BIGGEST_ID = 2**63 - 1

After = Annotated[str, Query(max_length=500, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 422, 429), ProblemOut)


def allow(request: ApiRequest, permission: str) -> None:
    """Refuse what the owner's role or the token's scope does not allow."""
    token = request.auth
    writes = request.method not in ("GET", "HEAD")
    enough = [ApiToken.Scope.WRITE] if writes else [ApiToken.Scope.READ, ApiToken.Scope.WRITE]
    if not token.user.may(permission) or token.scope not in enough:
        raise PermissionDenied(permission)


def page(rows: models.QuerySet[Any], cursor: str, limit: int) -> dict[str, Any]:
    """Rows in the order of their ids, and the cursor of the next page, null on the last."""
    found = page_of(rows, BY_ID, cursor, size=max(1, min(limit, MAX_PAGE)))
    return {"items": found.rows, "next": found.next or None}


def one(rows: models.QuerySet[Any], pk: int) -> Any:
    """The row of that id among those visible. Raises a 404 problem."""
    found = rows.filter(pk=pk).first() if 0 < pk <= BIGGEST_ID else None
    if found is None:
        raise Problem(404, "There is no such thing, or it is not yours to see.")
    return found


def maybe(rows: models.QuerySet[Any], pk: int | None, name: str) -> Any:
    """The row a body names, None where it names none. Raises a 422 problem naming the field."""
    if pk is None:
        return None
    found = rows.filter(pk=pk).first() if 0 < pk <= BIGGEST_ID else None
    if found is None:
        raise Problem(422, f"{name}: there is none with the id {pk} that you may see.")
    return found


def once(view: Callable[..., Status]) -> Callable[..., Any]:
    """Answer a repeat of a POST with the same Idempotency-Key by the first answer; another body is a 422.

    The key is taken before the work and in the same transaction, so two at once do the work once.
    """

    @functools.wraps(view)
    def keyed(request: ApiRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return view(request, *args, **kwargs)
        if len(key) > LONGEST_KEY or not key.isprintable():
            raise Problem(400, f"Idempotency-Key is up to {LONGEST_KEY} printable characters.")
        return _once(request, key, lambda: view(request, *args, **kwargs))

    return keyed


def _once(request: ApiRequest, key: str, work: Callable[[], Status]) -> Any:
    token = request.auth
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
    old = timezone.now() - timedelta(hours=KEPT_HOURS)
    KeptAnswer.objects.filter(token=token, key=key, created_at__lt=old).delete()
    try:
        with transaction.atomic():
            kept = KeptAnswer.objects.create(token=token, key=key, request_digest=digest)
            made = work()
            body = made.value.model_dump(mode="json")
            KeptAnswer.objects.filter(pk=kept.pk).update(status=made.status_code, body=body)
            return made
    except IntegrityError:
        first = KeptAnswer.objects.filter(token=token, key=key).first()
        if first is None:
            raise
    return _again(first, digest)


def _again(kept: KeptAnswer, digest: str) -> Status:
    if kept.request_digest != digest:
        raise Problem(422, "This Idempotency-Key was used for another request.")
    return Status(kept.status or 200, kept.body)
