"""Whether somebody proved a moment ago who she is: asked before everything leaves, or goes.

Whoever has a password or a second factor shows it again on allauth's own page. Whoever signs in
by code has nothing to show but a new code, so she signs in once more.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from allauth.account.internal.flows import reauthentication
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User

FRESH_FOR: Final = 15 * 60  # seconds since she signed in or showed it again
View = Callable[..., HttpResponseBase]


class SignInAgain(Exception):
    """By API: it is too long ago. str() is a sentence for the person."""

    def __str__(self) -> str:
        return str(_("Please sign in again first: this needs proof that it is you."))


def is_fresh(request: HttpRequest) -> bool:
    """By when she last proved it in this session, whatever with."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return bool(records) and time.time() - float(records[-1]["at"]) < FRESH_FOR


def fresh_sign_in(back_to: str) -> Callable[[View], View]:
    """Guards a view behind `login_required`; `back_to` names the page to come back to."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_fresh(request):
                return view(request, *args, **kwargs)
            if reauthentication.get_reauthentication_flows(request.user):  # type: ignore[arg-type]
                raise ReauthenticationRequired
            again = redirect_to_login(reverse(back_to, kwargs=kwargs)).url
            return render(request, "account/sign_in_again.html", {"again": again})

        return guarded

    return guard


def require_fresh(request: HttpRequest) -> None:
    """For an operation of the API.

    Raises:
        SignInAgain: it is longer ago; sign in, or reauthenticate, by allauth's own API.
    """
    if token := request.headers.get("X-Session-Token"):
        found = authenticate_by_x_session_token(token)
        if found and isinstance(found[0], User):
            request.session = found[1]
    if not is_fresh(request):
        raise SignInAgain
