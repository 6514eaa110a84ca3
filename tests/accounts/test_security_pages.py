"""Sign-in and security: the pages look like ours, and what they do is told and undone elsewhere."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.devices import device_of
from accounts.models import User
from accounts.outbox import send_due
from tests.second_factor import digits, give_factor, show_factor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("commits_at_once")]
PASSWORD = "a long enough pass phrase"


@pytest.fixture
def ana():
    ana = User.objects.create_user("ana@example.com", PASSWORD, name="Ana Reyes")
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    return ana


def _sure(client, person):
    """Signed in, and just asked again who she is."""
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def _passkey(person):
    return Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "My phone", "credential": {}}
    )


def _looks_like_ours(page, name):
    assert '<html lang="en-GB">' in page, name
    title = re.search(r"<title>\s*(\S[^|]*)\|", page)
    assert title, name
    assert page.count("<h1") == 1, name
    assert 'class="top"' in page, name
    for foreign in (" style=", "Two-Factor", "Security Key", "reauthenticate to", 'placeholder="'):
        assert foreign not in page, (name, foreign)
    unlabelled = [
        found
        for found in re.findall(r'<input [^>]*id="([^"]+)"', page)
        if f'for="{found}"' not in page
        and "hidden" not in re.search(rf'<input [^>]*id="{found}"[^>]*>', page)[0]
    ]
    assert unlabelled == [], name


def test_every_page_about_signing_in_looks_like_ours(client, ana, monkeypatch):
    _sure(client, ana)
    names = [
        "security",
        "passkey_offer",
        "account_email",
        "account_change_password",
        "account_reauthenticate",
        "account_logout",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "mfa_generate_recovery_codes",
        "usersessions_list",
        "socialaccount_connections",
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
        "account_inactive",
    ]
    for name in names:
        response = client.get(reverse(name))
        assert response.status_code in (200, 401), (name, response.status_code)
        _looks_like_ours(response.content.decode(), name)
    key = _passkey(ana)
    monkeypatch.setattr(Authenticator, "wrap", _readable(Authenticator.wrap))
    page = client.get(reverse("mfa_list_webauthn")).content.decode()
    _looks_like_ours(page, "a passkey")
    assert "My phone" in page
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        _looks_like_ours(client.get(reverse(name, args=[key.pk])).content.decode(), name)
    assert client.get("/accounts/2fa/").url == reverse("security")

    key.delete()
    give_factor(ana)
    RecoveryCodes.activate(ana)
    for name in ("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_reauthenticate"):
        _looks_like_ours(client.get(reverse(name)).content.decode(), name)

    ana.set_unusable_password()
    ana.save()
    client.force_login(ana)
    _looks_like_ours(
        client.get(reverse("account_set_password"), follow=True).content.decode(), "set"
    )


def _readable(wrap):
    """A passkey whose credential nobody has: only its name and kind are looked at."""

    class Named:
        name, is_passwordless = "My phone", True

    return lambda self: Named() if self.type == Authenticator.Type.WEBAUTHN else wrap(self)


def test_one_link_leads_from_the_account_to_all_of_it(client, ana):
    client.force_login(ana)
    assert f'href="{reverse("security")}"' in client.get("/account/").content.decode()
    page = client.get(reverse("security")).content.decode()
    for name in ("mfa_add_webauthn", "mfa_activate_totp", "account_email", "usersessions_list"):
        assert f'href="{reverse(name)}"' in page, name
    assert "Sign in with another service" not in page, "none is set up"


def test_a_passkey_is_offered_after_the_first_sign_in_and_never_before(client, ana):
    response = client.post(reverse("account_login"), {"login": ana.email, "password": PASSWORD})
    assert response.url == reverse("passkey_offer")
    assert "Add a passkey" in client.get(response.url).content.decode()

    client.post(reverse("account_logout"))
    response = client.post(reverse("account_login"), {"login": ana.email, "password": PASSWORD})
    assert response.url == "/account/", "this browser has seen the offer"

    going = {"login": ana.email, "password": PASSWORD, "next": "/book/"}
    assert Client().post(reverse("account_login"), going).url == "/book/", "not on the way"


def test_one_session_or_all_others_can_be_ended(client, ana):
    phone, laptop, other = Client(), Client(), Client()
    for one in (client, phone, laptop):
        one.force_login(ana)
        one.get("/account/", headers={"User-Agent": "Mozilla (iPhone) Safari"})
    stranger = User.objects.create_user("eve@example.com", password=PASSWORD)
    other.force_login(stranger)
    other.get("/account/")
    _sure(client, ana)
    _sure(other, stranger)

    page = client.get(reverse("usersessions_list")).content.decode()
    assert page.count("Safari on an iPhone") >= 3
    theirs = UserSession.objects.get(session_key=phone.session.session_key)
    assert other.post(reverse("end_session", args=[theirs.pk])).status_code == 404
    client.get(reverse("end_session", args=[theirs.pk]))
    assert phone.get("/account/").status_code == 200, "looking ends nothing"
    client.post(reverse("end_session", args=[theirs.pk]))
    assert phone.get("/account/").status_code == 302
    assert laptop.get("/account/").status_code == 200

    client.post(reverse("usersessions_list"))
    assert laptop.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200


def test_changing_the_password_ends_every_other_session_and_is_told(client, ana):
    phone = Client()
    phone.force_login(ana)
    client.force_login(ana)
    new = "another long pass phrase"
    response = client.post(
        reverse("account_change_password"),
        _new_password(new),
    )
    assert response.status_code == 302
    assert phone.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200
    assert mail.outbox[-1].subject == "Your password was changed"
    assert mail.outbox[-1].to == [ana.email]


def test_both_addresses_are_told_of_a_change(client, ana):
    _sure(client, ana)
    client.post(reverse("account_email"), {"action_add": "", "email": "New@Example.com"})
    code = re.search(r"\d{6}", mail.outbox[-1].subject)[0]
    assert mail.outbox[-1].to == ["new@example.com"]
    ana.refresh_from_db()
    assert ana.email == "ana@example.com", "until the code is typed"

    client.post(reverse("account_email_verification_sent"), {"code": code})
    ana.refresh_from_db()
    assert ana.email == "new@example.com"
    told = {message.to[0]: message.subject for message in mail.outbox[-2:]}
    assert told == {
        "ana@example.com": "Your sign-in address was changed",
        "new@example.com": "This is your sign-in address now",
    }


def test_what_is_sensitive_asks_again_first(client, ana):
    client.force_login(ana)
    for name in ("account_email", "mfa_activate_totp", "mfa_add_webauthn"):
        data = {"action_add": "", "email": "x@example.com"} if name == "account_email" else {}
        response = client.post(reverse(name), data)
        assert response.url.startswith(reverse("account_reauthenticate")), name
    assert not EmailAddress.objects.filter(email="x@example.com").exists()
    give_factor(ana)
    show_factor(client, ana)
    response = client.get(reverse("mfa_deactivate_totp"))
    assert response.url.startswith(reverse("account_reauthenticate")), "a while ago is not now"


def test_a_factor_set_up_is_told_and_its_codes_can_be_kept(client, ana):
    _sure(client, ana)
    client.get(reverse("mfa_activate_totp"))
    response = client.post(
        reverse("mfa_activate_totp"), {"code": digits(client.session["mfa.totp.secret"])}
    )
    assert response.url == reverse("mfa_view_recovery_codes")
    assert mail.outbox[-1].subject == "An authenticator app was set up"
    page = client.get(response.url).content.decode()
    codes = re.findall(r"<li><code>([^<]+)</code>", page)
    assert len(codes) == 10
    assert "data-print" in page
    download = client.get(reverse("mfa_download_recovery_codes"))
    assert download["Content-Disposition"].startswith("attachment")
    assert all(code in download.content.decode() for code in codes)

    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": ana.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert client.get("/account/").status_code == 200
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": ana.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert client.get("/account/").status_code == 302, "a recovery code works once"


def test_signing_in_changes_the_key_and_signing_out_leaves_nothing(client, ana):
    client.get(reverse("account_login"))
    session = client.session
    session["fixed"] = "by somebody else"
    session.save()
    client.cookies["session"] = before = session.session_key
    client.post(reverse("account_login"), {"login": ana.email, "password": PASSWORD})
    after = client.session.session_key
    assert after != before
    assert not Session.objects.filter(session_key=before).exists()

    response = client.post(reverse("account_logout"))
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=after).exists()
    thief = Client()
    thief.cookies["session"] = after
    assert thief.get("/account/").status_code == 302


def test_a_notice_waits_for_the_mail_server(client, ana, monkeypatch):
    monkeypatch.setattr("accounts.outbox.compose", _refuse)
    client.force_login(ana)
    new = "another long pass phrase"
    response = client.post(
        reverse("account_change_password"),
        _new_password(new),
    )
    assert response.status_code == 302, "what was done stays done"
    ana.refresh_from_db()
    assert ana.check_password(new)
    monkeypatch.undo()
    message = ana.message_set.get(kind="security_notice")
    send_due(at=message.send_after)
    assert mail.outbox[-1].subject == "Your password was changed"


def _new_password(new):
    return {"oldpassword": PASSWORD, "password1": new, "password2": new}


def _refuse(**kwargs):
    raise ConnectionRefusedError


@pytest.mark.parametrize(
    ("words", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Mac OS X 10_15) Version/18 Safari/605", "Safari on a Mac"),
        ("RunnerApp/2.1", "RunnerApp/2.1"),
        ("", "An app"),
    ],
)
def test_devices_have_names_people_use(words, device):
    assert device_of(words) == device
