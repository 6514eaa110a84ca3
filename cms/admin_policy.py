"""The security policy of the Wagtail admin: that of the site, but for what was measured.

The text editor writes style elements; ``admin-style.js`` gives them the nonce of their page.
Pictures that are about to be sent are shown from the browser's memory.
"""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import NONCE, SELF
from django.http import HttpRequest, HttpResponse

ADMIN = "/admin/"
MORE = {"style-src": [SELF, NONCE], "img-src": [SELF, "data:"]}


class AdminPolicyMiddleware:
    """Widens two directives under ``/admin/``. Place it right after ``CSPMiddleware``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(ADMIN):
            response._csp_replace = MORE  # type: ignore[attr-defined]
        return response
