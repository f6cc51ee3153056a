"""Errors of the API as RFC 9457 problem+json. `type` stays "about:blank": the status says the kind."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from baton.people.contacts.actions import BadValue
from baton.platform.errors import Refusal

CONTENT_TYPE = "application/problem+json"
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A repeat with the same key and body within 24 hours gets the first answer and does nothing.",
    "schema": {"type": "string", "maxLength": 120, "pattern": "^[ -~]*$"},
}


class Wrong(Schema):
    where: str
    why: str


class ProblemOut(Schema):
    """An error: `title` is the status in words, `detail` what to know, `errors` the fields that do not fit."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[Wrong] = []


class Problem(Exception):
    """Answer with this status and sentence; `again_in` seconds from now it may be asked again."""

    def __init__(self, status: int, detail: str, *, again_in: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.again_in = status, detail, again_in


class DescribedAPI(NinjaAPI):
    """NinjaAPI whose description says that errors are problem+json, and that POST takes an Idempotency-Key."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        described = super().get_openapi_schema(**options)
        for address in described["paths"].values():
            for method, operation in address.items():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in answer.get("content", {}):
                        answer["content"] = {CONTENT_TYPE: answer["content"]["application/json"]}
                asked = operation.setdefault("parameters", [])
                if method == "post" and not any(one["name"] == KEY["name"] for one in asked):
                    asked.append(KEY)
        _say_each(described["components"]["schemas"])
        return described


def _say_each(schemas: dict[str, Any]) -> None:
    """A list whose members are checked one by one says with `x-each` what each is: that becomes its `items`."""
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            if name := field.pop("x-each", ""):
                field["items"] = {"$ref": f"#/components/schemas/{name}"}


def add_handlers(api: NinjaAPI) -> None:
    """Let `api` answer every error of ours and its own as a problem."""
    api.add_exception_handler(Problem, _told)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _stranger)
    api.add_exception_handler(HttpError, _refused)
    api.add_exception_handler(PermissionDenied, lambda request, error: problem(403, _FORBIDDEN))
    api.add_exception_handler(RequestDataTooBig, lambda request, error: problem(413, _TOO_LARGE))
    api.add_exception_handler(Http404, lambda request, error: problem(404, "There is no such thing."))
    api.add_exception_handler(BadValue, lambda request, error: problem(422, str(error)))
    api.add_exception_handler(Refusal, lambda request, error: problem(409, str(error)))


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """One error as an answer."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


_TOO_LARGE = "A request has at most 2.5 MB. Send less at once."
_FORBIDDEN = "This token, or its owner, may not do that."


def _told(request: HttpRequest, error: Any) -> HttpResponse:
    answer = problem(error.status, error.detail)
    if error.again_in is not None:
        answer.headers["Retry-After"] = str(error.again_in)
    return answer


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status_code, str(error))


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    errors = [
        {"where": ".".join(str(part) for part in one.get("loc", ())), "why": str(one.get("msg", ""))}
        for one in error.errors
    ]
    return problem(422, "The request does not fit its description.", errors=errors)


def _stranger(request: HttpRequest, error: Any) -> HttpResponse:
    answer = problem(401, "Send a token: Authorization: Bearer baton_...")
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
