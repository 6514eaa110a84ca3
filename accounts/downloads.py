"""Noting what is taken away as a file: at the door, so that no page and no app goes around it."""

import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts import auditing

# Files about people and money; documents and pictures of the site are for everybody.
OURS: Final = ("/staff/", "/admin/", "/api/", "/account/")
_NAME: Final = re.compile(r'filename="?([^";]+)')


class NotesDownloads:
    """Each file that somebody signed in downloads is an entry of the audit trail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        disposition = response.headers.get("Content-Disposition", "")
        is_file = disposition.startswith("attachment") and response.status_code == 200
        if is_file and request.method != "HEAD" and request.path.startswith(OURS):
            _note(request, disposition)
        return response


def _note(request: HttpRequest, disposition: str) -> None:
    by = auditing.asker.get()()
    if by is None:
        return
    named = _NAME.search(disposition)
    match = request.resolver_match
    auditing.record(
        "export.made",
        by=by,
        at=timezone.now(),
        about="file",
        key=(named[1] if named else request.path)[:120],
        after={"page": match.view_name if match else ""},
    )
