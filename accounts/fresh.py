"""Whether somebody proved a moment ago who she is: asked before everything leaves, or goes.

Whoever has a password or a second factor shows it again on allauth's own page. Whoever signs in
by code is sent a new one: `accounts.proving`.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.api import caller
from accounts.proving import session_in_use, ways_of
from accounts.security_log import note
from accounts.suspending import forget, suspend

FRESH_FOR: Final = 15 * 60  # seconds since she signed in or showed it again
View = Callable[..., HttpResponseBase]


class SignInAgain(Exception):
    """By API: it is too long ago. str() is a sentence for the person, `ways` how she proves it."""

    def __init__(self, ways: list[str]) -> None:
        self.ways = ways

    def __str__(self) -> str:
        return str(_("Please sign in again first: this needs proof that it is you."))


def is_fresh(request: HttpRequest) -> bool:
    """By when she last proved it in this session, whatever with."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return bool(records) and time.time() - float(records[-1]["at"]) < FRESH_FOR


def fresh_sign_in(what: str) -> Callable[[View], View]:
    """Guards a view behind `login_required`. What was posted is carried out after the proof.

    `what` says on the page of the proof what that is.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not is_fresh(request):
                return suspend(request, where_to_prove(request), what=what)
            forget(request)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def where_to_prove(request: HttpRequest) -> str:
    """The page of the first way she has: a password or a factor, or the code from a mail."""
    ways = get_adapter(request).get_reauthentication_methods(request.user)
    return str(ways[0]["url"]) if ways else reverse("prove_by_code")


def require_fresh(request: HttpRequest) -> None:
    """For an operation of the API.

    Raises:
        SignInAgain: it is longer ago; prove it by allauth's own API, or by `prove_by_code`.
    """
    person = caller(request)
    with session_in_use(request, person):
        if not is_fresh(request):
            note("proof_asked", request, person)
            raise SignInAgain(ways_of(person))
