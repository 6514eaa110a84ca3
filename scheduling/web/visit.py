"""What one visit remembers: the key of its holds and what was typed, so nothing is asked twice."""

import secrets
from typing import Any

from django.http import HttpRequest

_KEY = "hold_key"
_DETAILS = "booking_details"
_PACKAGES = "chosen_packages"
_REMEMBERED_PACKAGES = 5


def hold_key(request: HttpRequest) -> str:
    """The visit's key; made at its first use."""
    if _KEY not in request.session:
        request.session[_KEY] = secrets.token_urlsafe(24)
    return str(request.session[_KEY])


def known_hold_key(request: HttpRequest) -> str:
    """The visit's key, or nothing: reading never starts a session."""
    return str(request.session.get(_KEY, ""))


def typed_details(request: HttpRequest) -> dict[str, str]:
    details: dict[str, str] = request.session.get(_DETAILS, {})
    return details


def remember_details(request: HttpRequest, details: dict[str, Any]) -> None:
    request.session[_DETAILS] = {key: str(value or "") for key, value in details.items()}


def chosen_package(request: HttpRequest, variant_code: str) -> str:
    return str(request.session.get(_PACKAGES, {}).get(variant_code, ""))


def remember_package(request: HttpRequest, variant_code: str, package_code: str) -> None:
    """Kept by treatment, so it survives a time that went and the way back from the card page."""
    chosen = dict(request.session.get(_PACKAGES, {}))
    chosen.pop(variant_code, None)
    chosen[variant_code] = package_code
    newest = list(chosen.items())[-_REMEMBERED_PACKAGES:]
    request.session[_PACKAGES] = dict(newest)
