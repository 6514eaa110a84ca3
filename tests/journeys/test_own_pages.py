"""What no plain GET of an address shows: mistakes in forms, steps after others, empty pages.

The pages themselves are in ``test_every_page.py``, out of the URLconf.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.accounts.test_security_pages import _readable
from tests.journeys.clientele import (
    PASSWORD,
    Clientele,
    clientele,
    give_codes,
    give_passkey,
    signed_in,
)
from tests.journeys.looking import barriers, shown  # noqa: F401 - a fixture used here
from tests.payments.bank_statements import files
from tests.scheduling.web.conftest import FROM_US, Visit
from tests.second_factor import give_factor, with_one_factor

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
LEAVING = "/account/privacy/deletion/"


@dataclass(frozen=True)
class Seen:
    """An answer of the portal, to be shown in a browser."""

    name: str
    answer: object


def _got(client: Client, path: str, state: str = "") -> Seen:
    return _seen(client.get(path), f"{path} {state}".strip())


def _named(client: Client, name: str, state: str = "") -> Seen:
    return _got(client, reverse(name), state)


def _sent(client: Client, path: str, typed: dict[str, str]) -> Seen:
    """What a form says about a mistake."""
    return _seen(client.post(path, typed), f"{path} with a mistake")


def _seen(answer, name: str) -> Seen:
    assert answer.status_code in (200, 401, 409, 422), (name, answer.status_code)
    return Seen(name, answer)


def pages_of_runner(them: Clientele) -> Iterator[Seen]:
    her = signed_in(them.ana)
    yield _sent(her, "/account/races/", {"name": "", "held_on": "31 June"})
    yield _sent(her, "/account/intake/answers/", {"version": "1"})
    yield _sent(her, LEAVING, {"typed": "yes"})
    yield _seen(Visit(them.practice, her).hold(), "/book/hold/ by who calls first")
    her.post(LEAVING, {"typed": "delete", "gives_up_credits": "on"})
    yield _got(her, "/account/privacy/", "asked to be deleted")
    new = signed_in(them.new)
    them.new.set_unusable_password()
    them.new.save()
    new.force_login(them.new)
    page = new.get(LEAVING).url
    yield _got(new, page, "before the code")
    new.post(page, {"action": "send"})
    yield _got(new, page, "with the code on its way")
    yield _sent(new, page, {"code": "not it"})


def pages_of_guests(them: Clientele) -> Iterator[Seen]:
    guest = Visit(them.practice)
    held = guest.held(guest.starts(days=6))
    yield _got(guest.client, f"/book/{held.public_id}/you/")
    yield _sent(guest.client, f"/book/{held.public_id}/you/", {"name": "", "email": "robin"})
    guest.tell(held)
    yield _got(guest.client, f"/book/{held.public_id}/code/")
    yield _sent(guest.client, f"/book/{held.public_id}/code/", {"code": "x"})
    yield _seen(Visit(them.practice).hold(held.starts_at), "/book/hold/ of a time just taken")
    wish = {
        "variant": them.practice.variant.code,
        "location": them.practice.location.code,
        "therapist": "",
        "day": them.practice.day(7),
    }
    waits = Visit(them.practice)
    waits.client.post("/waitlist/", wish, **FROM_US)
    yield _got(waits.client, "/waitlist/you/")
    yield _sent(waits.client, "/waitlist/you/", {"email": "robin"})
    waits.client.post("/waitlist/you/", {"name": "Robin", "email": "robin@example.org"})
    yield _got(waits.client, "/waitlist/code/")
    yield _sent(waits.client, "/waitlist/code/", {"code": "12"})


def pages_of_staff(them: Clientele) -> Iterator[Seen]:
    owner = signed_in(them.owner)
    ana = f"/staff/runners/{them.ana.public_id}"
    for path in ("/staff/", "/staff/invariants/", "/staff/invariants/I25/"):
        yield _got(owner, path, "where everything holds")
    for path in (
        "/staff/audit/?action=nothing.of-it",
        f"/staff/runners/{them.new.public_id}/",
        f"/staff/runners/{them.new.public_id}/privacy/",
        "/staff/adjustments/",
        "/staff/disputes/",
        "/staff/mismatches/",
        "/staff/refunds/",
    ):
        yield _got(owner, path, "nothing yet")
    yield _sent(owner, f"{ana}/notes/", {"text": ""})
    yield _sent(owner, "/staff/bank/", {})
    owner.post("/staff/bank/", {"file": SimpleUploadedFile("bank.csv", files.UNKNOWN)})
    yield _got(owner, "/staff/bank/columns/")
    owner.post(f"{ana}/merge/", {"other": them.twin.public_id, "why": "Came by phone"})
    yield _got(owner, f"{ana}/", "merged")
    owner.post(f"{ana}/deletion/", {"typed": "delete", "gives_up_credits": "on"})
    yield _got(owner, f"{ana}/privacy/", "to be deleted")


def pages_of_signing_in(them: Clientele) -> Iterator[Seen]:
    visitor = Client()
    yield _sent(visitor, reverse("account_login"), {"login": them.ana.email, "password": "no"})
    visitor.post(reverse("account_request_login_code"), {"email": "new@example.org"})
    yield _named(visitor, "account_confirm_login_code")
    yield _sent(visitor, reverse("account_confirm_login_code"), {"code": "x"})
    visitor.post(reverse("account_confirm_login_code"), {"code": _code()})
    yield _named(visitor, "account_set_password")
    visitor = Client()
    visitor.post(reverse("account_signup"), {"name": "New", "email": "newer@example.org"})
    yield _named(visitor, "account_email_verification_sent")
    visitor = Client()
    visitor.post(reverse("account_signup_by_passkey"), {"name": "Key", "email": "k@example.org"})
    visitor.post(reverse("account_email_verification_sent"), {"code": _code()})
    yield _named(visitor, "mfa_signup_webauthn")
    visitor = Client()
    visitor.post(reverse("account_reset_password"), {"email": them.ana.email})
    yield _named(visitor, "account_confirm_password_reset_code")
    visitor.post(reverse("account_confirm_password_reset_code"), {"code": _code()})
    yield _named(visitor, "account_complete_password_reset")


def _code() -> str:
    """In the last mail."""
    return mail.outbox[-1].subject.removeprefix("Your code: ")


def pages_of_security(them: Clientele) -> Iterator[Seen]:
    her = signed_in(them.ana)
    for name in (
        "security",
        "account_change_password",
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_add_webauthn",
    ):
        yield _named(her, name)
    yield _sent(her, reverse("mfa_activate_totp"), {"code": "1"})
    give_factor(them.ana)
    give_codes(them.ana)
    for name in ("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"):
        yield _named(her, name)
    key = give_passkey(them.ana)
    yield _named(her, "security", "with everything")
    yield _named(her, "mfa_list_webauthn", "with one")
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        yield _got(her, reverse(name, args=[key.pk]))
    key.delete()
    visitor = Client()
    visitor.post(reverse("account_login"), {"login": them.ana.email, "password": PASSWORD})
    yield _named(visitor, "mfa_authenticate")
    yield _sent(visitor, reverse("mfa_authenticate"), {"code": "000000"})
    hired = Client()
    with_one_factor(hired, them.hired)
    yield _named(hired, "second_factor")


PAGES = (pages_of_runner, pages_of_guests, pages_of_staff, pages_of_security, pages_of_signing_in)


@pytest.mark.parametrize("pages", PAGES)
def test_no_state_of_a_page_has_a_barrier(shown, pages, monkeypatch):  # noqa: F811
    monkeypatch.setattr(Authenticator, "wrap", _readable(Authenticator.wrap))
    found = [
        barrier
        for seen in pages(clientele())
        for barrier in barriers(shown(seen.answer), seen.name)
    ]
    assert found == []
