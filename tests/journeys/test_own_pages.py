"""Every page of one's own account, of signing in, and of staff about people: no barrier by axe.

Light on a phone, dark at a desk, nothing sideways. The browser is answered in process, so nothing
has to run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page

from accounts.consents import Purpose
from accounts.unsubscribing import unsubscribe_url
from tests.accounts.test_security_pages import _readable
from tests.journeys.clientele import (
    PASSWORD,
    Clientele,
    clientele,
    give_codes,
    give_passkey,
    signed_in,
)
from tests.journeys.test_reader_sees import ORIGIN, _answer
from tests.second_factor import give_factor, with_one_factor

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
LOOKS = (("light", 390, 844), ("dark", 1280, 900))
LEAVING = "/account/privacy/deletion/"


@dataclass(frozen=True)
class Seen:
    """An answer of the portal, to be shown in a browser."""

    name: str
    answer: object


@pytest.fixture
def shown(browser: Browser) -> Iterator:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    number = count(1)

    def show(answer) -> Page:
        path = f"/page-{next(number)}"
        page.unroute_all()
        page.route("**/*", lambda route: _answer(route, {path: answer}, []))
        page.goto(f"{ORIGIN}{path}")
        return page

    yield show
    context.close()


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


def barriers(page: Page, name: str) -> Iterator[str]:
    for colours, width, height in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        for one in Axe().run(page).response["violations"]:
            yield f"{name}, {colours}: {one['id']}: {one['nodes'][0]['html'][:120]}"
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield f"{name}, {width}: goes sideways"
        if page.locator("h1").count() != 1:
            yield f"{name}: not one heading of the first level"


def pages_of_runner(them: Clientele) -> Iterator[Seen]:
    her = signed_in(them.ana)
    for path in (
        "/account/",
        "/account/sessions/",
        "/account/races/",
        f"/account/races/{them.race}/",
        "/account/preferences/",
        "/account/intake/",
        "/account/intake/answers/",
        "/account/privacy/",
        LEAVING,
    ):
        yield _got(her, path)
    yield _sent(her, "/account/races/", {"name": "", "held_on": "31 June"})
    yield _sent(her, "/account/intake/answers/", {"version": "1"})
    yield _sent(her, LEAVING, {"typed": "yes"})
    yield _got(her, urlsplit(unsubscribe_url(them.ana, Purpose.MARKETING)).path)
    her.post(LEAVING, {"typed": "delete", "gives_up_credits": "on"})
    yield _got(her, "/account/privacy/", "asked to be deleted")
    new = signed_in(them.new)
    for path in ("/account/", "/account/races/", "/account/intake/", "/account/privacy/"):
        yield _got(new, path, "nothing yet")
    them.new.set_unusable_password()
    them.new.save()
    new.force_login(them.new)
    page = new.get(LEAVING).url
    yield _got(new, page, "before the code")
    new.post(page, {"action": "send"})
    yield _got(new, page, "with the code on its way")
    yield _sent(new, page, {"code": "not it"})


def pages_of_staff(them: Clientele) -> Iterator[Seen]:
    owner, therapist = signed_in(them.owner), signed_in(them.therapist)
    ana = f"/staff/runners/{them.ana.public_id}"
    for path in (
        "/staff/",
        "/staff/audit/",
        "/staff/audit/?action=nothing.of-it",
        "/staff/invariants/",
        "/staff/invariants/I01/",
        "/staff/invariants/I25/",
        "/staff/runners/?q=Ana",
        "/staff/duplicates/",
        "/staff/retention/",
        f"{ana}/",
        f"{ana}/merge/?other={them.twin.public_id}",
        f"{ana}/privacy/",
        f"/staff/runners/{them.new.public_id}/",
        f"/staff/runners/{them.new.public_id}/privacy/",
        "/staff/adjustments/",
    ):
        yield _got(owner, path)
    yield _sent(owner, f"{ana}/notes/", {"text": ""})
    for path in (f"{ana}/health/", f"/staff/bookings/{them.session.public_id}/note/"):
        yield _got(therapist, path)
    owner.post(f"{ana}/merge/", {"other": them.twin.public_id, "why": "Came by phone"})
    yield _got(owner, f"{ana}/", "merged")
    owner.post(f"{ana}/deletion/", {"typed": "delete", "gives_up_credits": "on"})
    yield _got(owner, f"{ana}/privacy/", "to be deleted")


def pages_of_signing_in(them: Clientele) -> Iterator[Seen]:
    visitor = Client()
    for name in (
        "account_login",
        "account_signup",
        "account_signup_by_passkey",
        "account_reset_password",
        "account_request_login_code",
        "account_inactive",
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
    ):
        yield _named(visitor, name)
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
        "passkey_offer",
        "account_email",
        "account_change_password",
        "account_reauthenticate",
        "account_logout",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "usersessions_list",
        "socialaccount_connections",
    ):
        yield _named(her, name)
    yield _sent(her, reverse("mfa_activate_totp"), {"code": "1"})
    give_factor(them.ana)
    give_codes(them.ana)
    for name in ("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"):
        yield _named(her, name)
    yield _named(her, "mfa_reauthenticate")
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


@pytest.mark.parametrize(
    "pages", [pages_of_runner, pages_of_staff, pages_of_security, pages_of_signing_in]
)
def test_no_page_about_people_has_a_barrier(shown, pages, monkeypatch):
    monkeypatch.setattr(Authenticator, "wrap", _readable(Authenticator.wrap))
    found = [
        barrier
        for seen in pages(clientele())
        for barrier in barriers(shown(seen.answer), seen.name)
    ]
    assert found == []
