"""Bodies that nothing of ours should read: too big, or nested beyond what a parser bears."""

import json
import re
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from portal.api.problems import problem

API: Final = "/api/"
SIGN_IN: Final = "/_allauth/"
FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
WITH_A_BODY: Final = ("POST", "PUT", "PATCH")  # no operation reads one of another
SAFE: Final = ("GET", "HEAD", "OPTIONS")
DEEPEST: Final = 100
# A whole text at a time (its end may be missing), or one bracket.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


class ReadableBodies:
    """Refuses them before anything reads them. Stands in front of ``NoZeroBytes``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(SIGN_IN) and not _is_json(request):
            return problem(400, "invalid_json", "The body is not JSON that can be read.")
        if not request.path.startswith(API) or request.content_type in FORMS:
            return self.get_response(request)
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if most is not None and _length(request) > most:
            return problem(413, "body_too_big", f"A body has at most {most} bytes.")
        if request.method in WITH_A_BODY and _is_too_deep(request.body):
            return problem(
                422,
                "invalid",
                "Some of what was sent is not valid.",
                errors=[{"type": "too_deep", "loc": ["body"], "msg": "This lies too deep."}],
            )
        return self.get_response(request)


def _is_json(request: HttpRequest) -> bool:
    """allauth reads every body as JSON, a DELETE's too, and fails on depths a parser refuses.

    The parser bears less the deeper it is called, so depth is counted here.
    """
    if request.method in SAFE or not request.body:
        return True
    if _is_too_deep(request.body):
        return False
    try:
        json.loads(request.body.decode())
    except (ValueError, RecursionError):
        return False
    return True


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _is_too_deep(body: bytes) -> bool:
    """Whether brackets lie too deep in JSON; those inside texts do not count."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for token in _TOKEN.finditer(body):
        sign = token[0]
        if sign in (b"[", b"{"):
            depth += 1
            if depth > DEEPEST:
                return True
        elif sign in (b"]", b"}"):
            depth -= 1
    return False
