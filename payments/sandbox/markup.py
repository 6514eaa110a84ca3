"""HTML from this folder's templates with the standard library alone.

A template is a text with $names. Whatever is put in is escaped, unless it is Markup, which only
this module and other filled templates make. Conditions and loops are Python.
"""

import html
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from string import Template

from payments.sandbox.shapes import Answer

HERE = Path(__file__).parent
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # No form-action: paying leads, by redirect, back to the shop's own address.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",  # the control room leads back to where a button stands
    "X-Content-Type-Options": "nosniff",
}


class Markup(str):
    """HTML that is safe as it stands."""

    __slots__ = ()


NOTHING = Markup()


def fill(template: str, /, **values: object) -> Markup:
    """The template with the values in their places; a name without a value is an error."""
    return Markup(_template(template).substitute({key: _safe(one) for key, one in values.items()}))


def joined(parts: Iterable[Markup]) -> Markup:
    return Markup("\n".join(parts))


def page(*, title: str, kind: str, body: Markup, status: int = 200) -> Answer:
    """A whole page; the first word of `kind` is its style sheet, all of them its classes."""
    sheet = kind.partition(" ")[0]
    elsewhere = NOTHING if sheet == "room" else fill("parts/elsewhere.html")
    text = fill("base.html", title=title, kind=kind, sheet=sheet, elsewhere=elsewhere, body=body)
    return Answer(status, text.encode(), dict(HEADERS))


def redirect(url: str) -> Answer:
    return Answer(303, headers={"Location": url, "Cache-Control": "no-store"})


@lru_cache
def _template(name: str) -> Template:
    return Template((HERE / "templates" / name).read_text(encoding="utf-8").rstrip("\n"))


def _safe(value: object) -> str:
    return value if isinstance(value, Markup) else html.escape(str(value))
