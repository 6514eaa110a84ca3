"""The local mailbox: what the demo would have mailed, for reading codes. Development only."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import wraps
from pathlib import Path
from typing import Any, Final

from csp.constants import NONE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

SHOWN: Final = 100
FILE_BACKEND: Final = "django.core.mail.backends.filebased.EmailBackend"
_RULE: Final = b"-" * 79  # what Django's file backend writes below each mail
_CODE: Final = re.compile(r"\b\d{6}\b")
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Mail:
    name: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def sent_at(self) -> Any:
        return parsedate_to_datetime(str(self.message["Date"]))

    @property
    def code(self) -> str:
        found = _CODE.search(self.subject)
        return found[0] if found else ""

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def attachments(self) -> list[str]:
        return [part.get_filename() or "unnamed" for part in self.message.iter_attachments()]

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


def mails() -> list[Mail]:
    """The newest first."""
    folder = Path(str(settings.EMAIL_FILE_PATH))
    if not folder.is_dir():
        return []
    newest = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [mail for path in newest[:SHOWN] for mail in _read(path)]


def _read(path: Path) -> list[Mail]:
    """The newest first. Two connections of one second may share a file, whose name is a time."""
    contents = [part.lstrip() for part in path.read_bytes().split(_RULE)]
    found = [
        Mail(f"{path.stem}-{number}", message_from_bytes(content, policy=policy.default))
        for number, content in enumerate(contents, 1)
        if content
    ]
    return found[::-1]


def _find(name: str) -> Mail:
    """By comparing, never by building a path from what came in."""
    for mail in mails():
        if mail.name == name:
            return mail
    raise Http404("There is no such mail.")


def only_in_development(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEBUG or settings.EMAIL_BACKEND != FILE_BACKEND:
            raise Http404("Mail goes to people here, not to a page.")
        return view(request, *args, **kwargs)

    return guarded


@only_in_development
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/mailbox/list.html", {"mails": mails()})


@only_in_development
@require_safe
def letter(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "portal/mailbox/letter.html", {"mail": _find(name)})


@only_in_development
@require_safe
@csp_replace({"default-src": [NONE], "style-src": ["'unsafe-inline'"], "script-src": [NONE]})
def letter_html(request: HttpRequest, name: str) -> HttpResponse:
    """Shown in a sandboxed frame: mails carry their styles inline, pages never do."""
    return HttpResponse(_find(name).html)
