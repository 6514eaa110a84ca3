"""Where to report a weakness, for people and their tools (RFC 9116)."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

GOOD_FOR: Final = timedelta(days=180)  # the standard asks for less than a year


@require_safe
@cache_control(public=True, max_age=86_400)
def security_txt(request: HttpRequest) -> HttpResponse:
    """Says the same all day, so that caches may keep it."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = {
        "Contact": settings.SECURITY_CONTACT,
        "Expires": f"{midnight + GOOD_FOR:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages": ", ".join(code.partition("-")[0] for code, _ in settings.LANGUAGES),
        "Canonical": f"{settings.SITE_URL}/.well-known/security.txt",
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
