"""Staff sign in with two factors; tests that only want them signed in get both at once."""

import time
from typing import Any

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from accounts.models import User
from accounts.second_factor import is_member_of_staff

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def accepted_digits(secret: str = SECRET) -> list[str]:
    """What an authenticator app shows around now, all of it accepted."""
    return [
        format_hotp_value(hotp_value(secret, counter))
        for counter in yield_hotp_counters_from_time()
    ]


def digits(secret: str = SECRET) -> str:
    """What an authenticator app shows now."""
    around = accepted_digits(secret)
    return around[len(around) // 2]


def give_factor(user: User) -> Authenticator:
    """An authenticator app with a known secret, unless they have one."""
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    return found or TOTP.activate(user, SECRET).instance


def show_factor(client: Client, user: User) -> None:
    """As if the six digits had been typed in this client's session."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "at": time.time(), "id": give_factor(user).pk, "type": "totp"}
    ]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session.save()


_force_login = Client.force_login


def _force_login_with_factor(client: Client, user: Any, backend: str | None = None) -> None:
    _force_login(client, user, backend)
    if is_member_of_staff(user):
        show_factor(client, user)


@pytest.fixture(autouse=True, scope="session")
def staff_sign_in_with_two_factors():
    """`client.force_login(staff)` opens staff pages, as signing in does for people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", _force_login_with_factor)
        yield


def with_one_factor(client: Client, user: User) -> None:
    """Signed in, and nothing more: what a stolen password or mailbox gives."""
    _force_login(client, user, "django.contrib.auth.backends.ModelBackend")


def proved_just_now(client: Client, user: User, *, seconds_ago: float = 0) -> Client:
    """Somebody who signed in by code a moment ago: asked for before everything leaves."""
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        *session.get(AUTHENTICATION_METHODS_SESSION_KEY, []),
        {"method": "code", "at": time.time() - seconds_ago},
    ]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session.save()
    return client
