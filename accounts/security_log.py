"""The security log: who proved what, who was refused, and what changed about signing in.

People stand in it by public id, places by a mark that changes each month (`origins`). No address,
no code, no key of a session: whoever reads the log can do nothing with it.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.socialaccount import signals as social
from django.contrib.auth import signals as auth
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.models import User
from accounts.origins import mark_of, place_of

log = logging.getLogger(__name__)
MARK_DIGITS: Final = 16
REFUSALS: Final = {401: "not_known", 403: "not_allowed", 429: "too_often"}
_WARNINGS: Final = {
    *REFUSALS.values(), "password_refused", "factor_refused", "code_refused", "too_many_tries",
}  # fmt: skip
# Headers that say who asks: without one, or a session, a 401 is how everybody begins.
_CREDENTIALS: Final = ("Authorization", "X-Session-Token")


class NotesRefusals:
    """Answers of refusal are in the log with who asked for what, whichever layer gave them.

    Refusals that are pages or ways to a page are noted where they are made.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code in REFUSALS and not _is_beginning(request, response.status_code):
            match = request.resolver_match
            note(
                REFUSALS[response.status_code],
                request,
                _asker(request),
                # The pattern, not the address: tokens and ids stand in addresses.
                asked=f"{request.method} /{match.route if match else '?'}",
            )
        return response


def note(event: str, request: HttpRequest | None, user: User | None = None, **facts: str) -> None:
    """One event. `facts` are words of ours: nothing that somebody typed."""
    said = {"who": str(user.public_id) if user else "nobody"}
    if request is not None:
        said["from"] = _short(place_of(request))
    said |= facts
    words = " ".join(f"{name}={value}" for name, value in said.items() if value)
    log.log(logging.WARNING if event in _WARNINGS else logging.INFO, "%s %s", event, words)


def watch() -> None:
    """Called when the app is ready."""
    for signal, event in (
        (auth.user_logged_in, "signed_in"),
        (auth.user_logged_out, "signed_out"),
        (account.user_signed_up, "joined"),
        (account.password_set, "password_set"),
        (account.password_changed, "password_changed"),
        (account.password_reset, "password_reset"),
        (mfa.authenticator_added, "factor_added"),
        (mfa.authenticator_removed, "factor_removed"),
        (mfa.authenticator_reset, "factor_renewed"),
        (mfa.authentication_failed, "factor_refused"),
        (social.social_account_added, "service_connected"),
        (social.social_account_removed, "service_disconnected"),
    ):
        signal.connect(_noting(event), weak=False, dispatch_uid=f"accounts.security_log.{event}")
    account.email_changed.connect(_address_changed, dispatch_uid="accounts.log.address")
    account.authentication_step_completed.connect(_proved, dispatch_uid="accounts.log.proved")
    auth.user_login_failed.connect(_password_refused, dispatch_uid="accounts.log.refused")


def _noting(event: str) -> Any:
    def receive(
        sender: object,
        request: HttpRequest | None = None,
        user: User | None = None,
        authenticator: Any = None,
        **kwargs: object,
    ) -> None:
        if user is None:  # of another service: allauth hands over what has the user
            user = getattr(kwargs.get("sociallogin") or kwargs.get("socialaccount"), "user", None)
        note(event, request, user, kind=str(authenticator.type) if authenticator else "")

    return receive


def _address_changed(
    sender: object,
    request: HttpRequest,
    user: User,
    from_email_address: object = None,
    **kwargs: object,
) -> None:
    if from_email_address is not None:  # else the first was proven, no other taken
        note("address_changed", request, user)


def _proved(sender: object, request: HttpRequest, user: User, method: str, **extra: Any) -> None:
    """A step of signing in, or the proof asked for again later."""
    again = "yes" if extra.get("reauthenticated") else ""
    note("proved", request, user, by=method, kind=str(extra.get("type") or ""), again=again)


def _password_refused(
    sender: object,
    credentials: dict[str, Any],
    request: HttpRequest | None = None,
    **kwargs: object,
) -> None:
    """For whom: a mark of the address, so that tries at one account show without naming it."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    note("password_refused", request, account=_short(mark_of(typed.lower(), at=timezone.now())))


def _asker(request: HttpRequest) -> User | None:
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else None


def _is_beginning(request: HttpRequest, status: int) -> bool:
    known = _asker(request) or any(name in request.headers for name in _CREDENTIALS)
    return status == 401 and not known


def _short(mark: str) -> str:
    return mark[:MARK_DIGITS]
