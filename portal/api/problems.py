"""Errors of the API: problem documents (RFC 9457) with a stable ``code``."""

import json
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from pydantic import ValidationError as PydanticValidationError
from wagtail.api.rich_text import RichTextFormatError
from wagtail.utils.forms import FormValidationError

from cms.api_errors import ContentRefused

CONTENT_TYPE = "application/problem+json"
BAD_QUERY = "Some of what the address asks for is not valid."


def problem(status: int, code: str, detail: str, **members: Any) -> HttpResponse:
    """One problem document. ``code`` never changes; ``detail`` is a sentence for people."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **members,
    }
    body = json.dumps(document, cls=DjangoJSONEncoder)
    return HttpResponse(body, status=status, content_type=CONTENT_TYPE)


def speak_problems(api: NinjaAPI) -> None:
    """Give every general error of ``api`` a code, Wagtail's own operations included."""

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return problem(422, "invalid", "Some of what was sent is not valid.", errors=error.errors)

    @api.exception_handler(DjangoValidationError)
    def refused(request: HttpRequest, error: DjangoValidationError) -> HttpResponse:
        errors = [{"msg": message} for message in error.messages]
        if request.method in ("GET", "HEAD"):
            return problem(400, "bad_query", BAD_QUERY, errors=errors)
        return problem(422, "invalid", "Some of what was sent is not valid.", errors=errors)

    @api.exception_handler(FormValidationError)
    def refused_by_form(request: HttpRequest, error: FormValidationError) -> HttpResponse:
        errors = [
            {"type": code, "loc": ["body", *path], "msg": message}
            for path, messages in error.loc_errors
            for message, code in messages
        ]
        return problem(422, "invalid", "Some of what was sent is not valid.", errors=errors)

    @api.exception_handler(PydanticValidationError)
    def not_meant(request: HttpRequest, error: PydanticValidationError) -> HttpResponse:
        """Found while a request of Wagtail's was carried out: in its address when it reads."""
        if any(each["loc"][:1] == ("response",) for each in error.errors()):
            raise error  # what we answer does not fit our own description
        asking = request.method in ("GET", "HEAD")
        errors = [
            {
                "type": each["type"],
                "loc": ["query", *(each["loc"] or ["order"])] if asking else ["body", *each["loc"]],
                "msg": each["msg"],
            }
            for each in error.errors()
        ]
        if asking:
            return problem(400, "bad_query", BAD_QUERY, errors=errors)
        return problem(422, "invalid", "Some of what was sent is not valid.", errors=errors)

    @api.exception_handler(ContentRefused)
    def content_refused(request: HttpRequest, error: ContentRefused) -> HttpResponse:
        return problem(error.status, error.code, str(error), **error.members)

    @api.exception_handler(RichTextFormatError)
    def not_rich_text(request: HttpRequest, error: RichTextFormatError) -> HttpResponse:
        return problem(422, "invalid", str(error))

    @api.exception_handler(AuthenticationError)
    def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(401, "sign_in_first", "Sign in, then send your session token.")

    @api.exception_handler(PermissionDenied)
    def forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        if not request.user.is_authenticated:
            return problem(401, "sign_in_first", "Sign in, then send your session token.")
        return problem(403, "forbidden", str(error) or "You may not do this.")

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, "not_found", "There is nothing at this address.")

    @api.exception_handler(Throttled)
    def too_many(request: HttpRequest, error: Throttled) -> HttpResponse:
        response = problem(429, "too_many_requests", "Too many requests. Wait a little.")
        response["Retry-After"] = str(error.wait or 1)
        return response

    @api.exception_handler(HttpError)
    def other(request: HttpRequest, error: HttpError) -> HttpResponse:
        code = HTTPStatus(error.status_code).name.lower()
        return problem(error.status_code, code, str(error))
