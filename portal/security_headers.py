"""Headers that hold for every answer, also for one that a middleware gave before any view."""

from collections.abc import Callable
from typing import Any, Final

from csp.constants import HEADER as CSP
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase

from portal.middleware import PRIVATE

# Nothing of ours asks for these; passkeys are ours alone.
REFUSED: Final = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
OURS: Final = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS: Final = ", ".join(
    [*(f"{name}=()" for name in REFUSED), *(f"{name}=(self)" for name in OURS)]
)
# What a page of another origin may show: pictures, style of our mails in a web mailer, the API
# (CORS says to whom).
SHOWN_ELSEWHERE: Final = ("/api/", "/media/", "/og/", "/static/")
UNLISTED: Final = (*PRIVATE, "/api/", "/styleguide/", "/calendars/", "/gifts/", "/series/")
NOTHING: Final = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
FORGET: Final = '"cache", "storage"'  # not cookies: the message of the sign-out is in one


class SecurityHeaders:
    """Stands first. What a view or Wagtail said itself is left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        path = request.path_info
        # Django sets the first two itself, but not on what is refused before it could.
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault(
            "Cross-Origin-Resource-Policy",
            "cross-origin" if path.startswith(SHOWN_ELSEWHERE) else "same-origin",
        )
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault(CSP, NOTHING)
        if path.startswith(UNLISTED):
            response.headers.setdefault("X-Robots-Tag", "noindex")
        if getattr(request, "signed_out", False):
            response.headers["Clear-Site-Data"] = FORGET
        return response


@receiver(user_logged_out)
def _note(sender: Any, request: HttpRequest | None = None, **more: Any) -> None:
    if request is not None:
        request.signed_out = True  # type: ignore[attr-defined]
