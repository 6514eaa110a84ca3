"""Proving once more who she is, by a code from the mail.

allauth asks for a password or a second factor again, and has nothing for people who have neither:
they sign in by code, so a new code to their address is what they can show. The session stays as
it is. The limits are as those of signing in by code, but counted for the person: what strangers ask
for, or get wrong in her network, keeps her from nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.http import HttpRequest

from accounts.joining import CodeExpired, JoiningError, check_code, count_code
from accounts.models import User

_STATE: Final = "proving_by_code"  # session key: the code that was sent, and to which address
BY_CODE: Final = "prove_by_code"


class MoreToShow(JoiningError):
    """Who has a password or a factor shows that: a mailbox alone must not stand in for it."""

    def __str__(self) -> str:
        return "Please show your password, your passkey or the digits of your app instead."


class _CodeAgain(AbstractCodeVerificationProcess):
    """allauth's way to keep and count tries, with the state in the session."""

    def __init__(self, request: HttpRequest, user: User, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            state=state,
            user=user,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
        )

    def send(self) -> None:
        adapter = get_adapter(self.request)
        self.state["code"] = adapter.generate_login_code()
        context = {"request": self.request, "code": self.code}
        adapter.send_mail("account/email/login_code", self.state["email"], context)

    def persist(self) -> None:
        self.request.session[_STATE] = self.state

    def abort(self) -> None:
        self.request.session.pop(_STATE, None)


def ways_of(user: User) -> list[str]:
    """How somebody proves it again: allauth's flows, or the code where there is none."""
    flows = [str(flow["id"]) for flow in get_reauthentication_flows(user)]
    return flows or [BY_CODE]


def is_code_awaited(request: HttpRequest, user: User) -> bool:
    return _sent(request, user) is not None


def send_code(request: HttpRequest, user: User) -> None:
    """Send a code to her address; an earlier one stops working.

    Raises:
        MoreToShow: she has a password or a second factor.
        TooManyCodes: she asked for enough of them; no mail was sent.
        MailUnavailable: the mail server did not take it; asking again is safe.
    """
    if ways_of(user) != [BY_CODE]:
        raise MoreToShow
    count_code(request, email=user.email, by=user)
    process = _CodeAgain(request, user, _CodeAgain.initial_state(user=user, email=user.email))
    process.send()
    process.persist()


def confirm_code(request: HttpRequest, user: User, code: str) -> None:
    """Note that she proved it now.

    Raises:
        WrongCode: not the code; how many tries are left.
        CodeExpired: none was sent in this session, it is too old, or the last try was wrong.
        TooManyTries: too many of hers failed in the last minute; it was not looked at.
    """
    process = _sent(request, user)
    if process is None:
        raise CodeExpired
    check_code(process, request, code, by=user)
    process.abort()
    record_authentication(request, user, method="code", email=user.email, reauthenticated=True)


def _sent(request: HttpRequest, user: User) -> _CodeAgain | None:
    """What waits for its code: hers, and to the address she still has."""
    state = request.session.get(_STATE)
    if not state or ways_of(user) != [BY_CODE]:
        return None
    process = _CodeAgain(request, user, state)
    hers = _CodeAgain.initial_state(user=user, email=user.email)
    if any(state[name] != hers[name] for name in ("user_id", "email")):
        process.abort()
        return None
    valid: _CodeAgain | None = process.abort_if_invalid()
    return valid


@contextmanager
def session_in_use(request: HttpRequest, user: User) -> Iterator[None]:
    """For operations of the API: an app's session came in a header, and no middleware has it."""
    of_cookie, in_use = request.session, user.session_in_use
    if in_use is None or in_use is of_cookie:
        yield
        return
    request.session = in_use
    try:
        yield
    finally:
        request.session = of_cookie
        if in_use.modified:
            in_use.save()
