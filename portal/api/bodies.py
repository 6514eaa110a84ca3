"""Bodies that nothing of ours should read: too big, or nested beyond what a parser bears."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from portal.api.problems import problem

API: Final = "/api/"
FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
DEEPEST: Final = 100


class ReadableBodies:
    """Refuses them before anything reads them. Stands in front of ``NoZeroBytes``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(API) or request.content_type in FORMS:
            return self.get_response(request)
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if most is not None and _length(request) > most:
            return problem(413, "body_too_big", f"A body has at most {most} bytes.")
        if _depth(request.body) > DEEPEST:
            return problem(
                422,
                "invalid",
                "Some of what was sent is not valid.",
                errors=[{"type": "too_deep", "loc": ["body"], "msg": "This lies too deep."}],
            )
        return self.get_response(request)


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _depth(body: bytes) -> int:
    """How deep brackets lie in JSON; those inside texts do not count."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return 0
    depth = deepest = 0
    inside = escaped = False
    for byte in body:
        if inside:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                inside = False
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
