"""The security policy of the Wagtail admin: that of the site, but for what was measured.

The text editor writes style elements; ``admin-style.js`` gives them the nonce of their page. Where
many pictures are sent at once, the browser shows them from its memory first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from csp.constants import NONCE, SELF
from django.http import HttpRequest, HttpResponse

ADMIN: Final = "/admin/"
MANY_PICTURES: Final = "/admin/images/multiple/"


class AdminPolicyMiddleware:
    """Place it right after ``CSPMiddleware``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(ADMIN):
            more = {"style-src": [SELF, NONCE]}
            if request.path_info.startswith(MANY_PICTURES):
                more["img-src"] = [SELF, "data:", "blob:"]
            response._csp_replace = more  # type: ignore[attr-defined]
        return response
