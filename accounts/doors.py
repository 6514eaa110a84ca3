"""The doors of signing in, by name: pages, and the operations of allauth's API."""

from typing import Final

from django.http import HttpRequest

_BY_API: Final = "headless:"
_BY_APP: Final = "headless:app:"


def door_of(request: HttpRequest) -> str:
    """The name of a page, or of an operation whoever its client is: "account:login"."""
    name = _name_of(request)
    return name.split(":", 2)[-1] if name.startswith(_BY_API) else name


def is_by_app(request: HttpRequest) -> bool:
    """Whether an app asks, which sends its session by a header, and not a browser."""
    return _name_of(request).startswith(_BY_APP)


def _name_of(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
