"""How a mail is made: words in two forms, our look inlined, one Message-ID for ever."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.mail import EmailMultiAlternatives
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string


class MailUnavailable(Exception):
    """The mail server does not answer; asking again later is safe."""

    def __str__(self) -> str:
        return "We cannot send mail just now. Nothing is lost. Please try again in a minute."


STYLESHEET = "accounts/mail.css"


@cache
def _inliner() -> css_inline.CSSInliner:
    path = finders.find(STYLESHEET)
    return css_inline.CSSInliner(
        extra_css=Path(str(path)).read_text() if path else "",
        load_remote_stylesheets=False,
        keep_style_tags=True,
    )


_more: list[Callable[[], Mapping[str, Any]]] = []


def surround_with(facts: Callable[[], Mapping[str, Any]]) -> None:
    """For the app that knows the practice: what every mail may say of it. Called in ``ready``."""
    if facts not in _more:
        _more.append(facts)


def surroundings() -> dict[str, Any]:
    """What every mail knows without a request."""
    known: dict[str, Any] = {
        "site_url": settings.SITE_URL,
        "practice_name": settings.WAGTAIL_SITE_NAME,
    }
    for facts in _more:
        known.update(facts())
    return known


def message_id(public_id: object) -> str:
    """The same for every attempt, so that a mailbox can drop the second copy."""
    return f"<{public_id}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def return_path(public_id: object) -> str:
    """Where a mail that comes back goes, so that it says which one it was; empty without one."""
    name, _, host = settings.BOUNCE_ADDRESS.partition("@")
    return f"{name}+{public_id}@{host}" if host else ""


def compose(
    *,
    to: str,
    subject: str,
    text_template: str,
    html_template: str,
    context: Mapping[str, Any],
    headers: dict[str, str] | None = None,
    return_path: str = "",
) -> EmailMultiAlternatives:
    """A mail in text and, where its template exists, in HTML with the styles inlined.

    With a `return_path` servers send it back there, and people still see and answer our address.
    """
    words = {**surroundings(), **context}
    if return_path:
        headers = {**(headers or {}), "From": settings.DEFAULT_FROM_EMAIL}
    mail = EmailMultiAlternatives(
        from_email=return_path or None,
        subject=" ".join(subject.split()),
        body=render_to_string(text_template, words).strip() + "\n",
        to=[to],
        headers=headers,
    )
    try:
        html = render_to_string(html_template, words)
    except TemplateDoesNotExist as missing:
        if html_template not in str(missing):
            raise
    else:
        mail.attach_alternative(_inliner().inline(html), "text/html")
    return mail
