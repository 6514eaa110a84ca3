"""The second factor of the demo's staff: an authenticator app whose digits a page shows."""

import time
from dataclasses import dataclass

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from portal.demo.logins import STAFF, Login
from portal.mailbox import only_in_development


@dataclass(frozen=True, slots=True)
class Shown:
    login: Login
    digits: str


def set_up(user: User, login: Login) -> None:
    """The factor of a demo login. Setting it up again changes nothing."""
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, login.secret)


@only_in_development
@never_cache
@require_safe
def authenticator(request: HttpRequest) -> HttpResponse:
    """What each person's app shows now, for trying the demo without one."""
    if not settings.DEMO:
        raise Http404("Only the demo shows anybody's second factor.")
    now = int(time.time())
    period = app_settings.TOTP_PERIOD
    shown = [
        Shown(login, format_hotp_value(hotp_value(login.secret, now // period))) for login in STAFF
    ]
    context = {"shown": shown, "seconds_left": period - now % period}
    return render(request, "portal/mailbox/authenticator.html", context)
