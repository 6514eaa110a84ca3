"""HTML from this folder's templates, with Django's engine but none of its settings."""

from pathlib import Path
from typing import Any

from django.template import Context
from django.template.engine import Engine

from payments.sandbox.shapes import Answer

HERE = Path(__file__).parent
ENGINE = Engine(dirs=[str(HERE / "templates")])
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # No form-action: paying leads, by redirect, back to the shop's own address.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(name: str, status: int = 200, **values: Any) -> Answer:
    """A whole page. Values are texts, numbers, and plain containers of them."""
    # Without localisation the engine asks for no settings.
    context = Context(values, use_l10n=False, use_tz=False)
    html = ENGINE.get_template(name).render(context)
    return Answer(status, html.encode(), dict(HEADERS))


def redirect(url: str) -> Answer:
    return Answer(303, headers={"Location": url, "Cache-Control": "no-store"})
