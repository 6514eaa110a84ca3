"""What opens and what stays shut: other services, `next=`, look-alike addresses, forged forms."""

# Letters that only look like ours are what some of this is about.
# ruff: noqa: RUF001

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.strava.views import StravaOAuth2Adapter
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.addresses import as_stored
from accounts.fresh import FRESH_FOR
from accounts.models import User
from portal import providers
from tests.second_factor import digits, give_factor, proved_just_now, with_one_factor

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough pass phrase"
LOGIN = reverse("account_login")
ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "////evil.example/a",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:///evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "//evil.example\\@testserver/",
    "\t//evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
)


@pytest.fixture
def ana():
    ana = User.objects.create_user("ana@example.com", PASSWORD, name="Ana Reyes")
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    return ana


@pytest.mark.parametrize("where", ELSEWHERE)
def test_next_never_leads_out_of_the_house(client, ana, where, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    give_factor(ana)
    client.cookies["passkey_offered"] = "yes"
    client.post(LOGIN, {"login": ana.email, "password": PASSWORD, "next": where})
    assert client.post(reverse("mfa_authenticate"), {"code": digits()}).url == "/account/"

    assert client.get(LOGIN, {"next": where}).url == "/account/"
    ahead = client.get(reverse("second_factor"), {"next": where}, follow=False).url
    assert ahead in (reverse("security"), "/staff/")
    client.post(
        reverse("account_reauthenticate"), {"password": PASSWORD, "next": where}
    ).url.startswith("/account/")
    assert client.post(reverse("account_logout"), {"next": where}).url == "/"
    for page in (LOGIN, reverse("account_signup"), reverse("account_request_login_code")):
        assert "evil.example" not in _links(client.get(page, {"next": where}).content.decode())


def _links(page):
    """Where a page leads by itself; a hidden field with the unsafe words is read again later."""
    return " ".join(part.partition('"')[0] for part in page.split('href="')[1:])


def test_look_alikes_are_one_mailbox_or_plainly_another():
    assert as_stored(" Ana@Example.COM ") == "ana@example.com"
    assert as_stored("ａｎａ@example.com") == "ana@example.com"
    assert as_stored("ana@exаmple.com") == "ana@xn--exmple-4nf.com"
    assert as_stored("ana@bücher.example") == "ana@xn--bcher-kva.example"
    assert as_stored("nobody") == "nobody"
    assert as_stored("ana@" + "ü" * 80) == "ana@" + "ü" * 80


def test_a_look_alike_signs_in_as_nobody_else(client, ana):
    ask = reverse("account_request_login_code")
    for odd in ("ＡＮＡ@example.com", "аna@example.com"):
        assert client.post(ask, {"email": odd}).status_code == 200, "not an address of anybody"
    assert (len(mail.outbox), User.objects.count()) == (0, 1)

    Client().post(ask, {"email": "ana@exаmple.com"})
    assert mail.outbox[-1].to == ["ana@xn--exmple-4nf.com"]
    assert User.objects.filter(email=mail.outbox[-1].to[0]).count() == 1


def test_a_forged_form_signs_nobody_in_or_out(ana):
    """Fault 40: signing somebody in as another person is an attack, too."""
    strict = Client(enforce_csrf_checks=True)
    for name in ("account_login", "account_request_login_code", "account_signup"):
        data = {"login": ana.email, "email": ana.email, "password": PASSWORD}
        assert strict.post(reverse(name), data).status_code == 403, name
    with_one_factor(strict, ana)
    for name in ("account_logout", "usersessions_list", "account_email"):
        assert strict.post(reverse(name)).status_code == 403, name
    assert strict.get("/account/").status_code == 200
    strict.get(reverse("account_logout"))
    assert strict.get("/account/").status_code == 200, "looking at the page signs nobody out"


# --- Other services --------------------------------------------------------------------------
def _environment(**values):
    def read(name, default):
        return values.get(name, default)

    return providers.set_up(read)


@pytest.fixture
def services(settings):
    settings.SOCIALACCOUNT_PROVIDERS = _environment(
        APPLE_CLIENT_ID="example.massage",
        APPLE_KEY_ID="key",
        APPLE_TEAM_ID="team",
        APPLE_PRIVATE_KEY="-----BEGIN\\nEND-----",
        GOOGLE_CLIENT_ID="google-id",
        GOOGLE_CLIENT_SECRET="secret",
        STRAVA_CLIENT_ID="strava-id",
        STRAVA_CLIENT_SECRET="secret",
    )
    return settings.SOCIALACCOUNT_PROVIDERS


def test_without_settings_there_is_no_button_and_no_error(client):
    page = client.get(LOGIN).content.decode()
    assert "Continue with" not in page
    assert providers.hosts(_environment()) == []
    for service in providers.HOSTS:
        assert client.post(f"/accounts/{service}/login/").status_code == 404, service


@pytest.mark.parametrize(
    ("service", "client_id", "scope"),
    [
        ("apple", "example.massage", "name email"),
        ("google", "google-id", "profile email"),
        ("strava", "strava-id", "read"),
    ],
)
def test_with_settings_a_button_leads_to_the_service(client, services, service, client_id, scope):
    page = client.get(LOGIN, {"next": "/book/"}).content.decode()
    assert f"Continue with {service.title()}" in page
    assert providers.HOSTS[service] in providers.hosts(services)

    assert client.get(f"/accounts/{service}/login/").status_code == 200, "a link asks first"
    away = urlsplit(client.post(f"/accounts/{service}/login/").url)
    query = parse_qs(away.query)
    assert f"{away.scheme}://{away.netloc}" == providers.HOSTS[service]
    assert query["client_id"] == [client_id]
    assert set(query["scope"][0].replace(",", " ").split()) == set(scope.split())
    assert query["state"]


@pytest.fixture
def strava(client, services, monkeypatch):
    """Comes back from Strava as athlete 7, who has told it no address."""
    monkeypatch.setattr(OAuth2Client, "get_access_token", lambda *a, **k: {"access_token": "x"})
    monkeypatch.setattr(
        StravaOAuth2Adapter,
        "complete_login",
        lambda self, request, app, token, **more: self.get_provider().sociallogin_from_response(
            request, {"id": 7, "firstname": "Ana", "lastname": "Reyes"}
        ),
    )

    def come_back(process="login", meanwhile=lambda: None):
        away = client.post(f"/accounts/strava/login/?process={process}").url
        meanwhile()
        state = parse_qs(urlsplit(away).query)["state"][0]
        return client.get("/accounts/strava/login/callback/", {"code": "c", "state": state})

    return come_back


def test_strava_tells_no_address_so_we_ask_and_prove_it(client, strava):
    response = strava()
    assert response.url == reverse("socialaccount_signup")
    assert "Where may we send receipts" in client.get(response.url).content.decode()
    client.post(response.url, {"email": "New@Example.com", "name": "Ana"})
    assert "_auth_user_id" not in client.session, "not before the code"
    code = mail.outbox[-1].subject.removeprefix("Your code: ")
    client.post(reverse("account_email_verification_sent"), {"code": code})
    user = User.objects.get(email="new@example.com")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert SocialAccount.objects.get(provider="strava", uid="7").user == user

    client.post(reverse("account_logout"))
    strava()
    assert client.session["_auth_user_id"] == str(user.pk), "the next time it is enough"


def test_an_address_that_is_typed_is_never_a_key_to_the_account_that_has_it(client, strava, ana):
    response = client.post(strava().url, {"email": ana.email, "name": "Not Ana"})
    assert response.url == reverse("account_email_verification_sent"), "as for a new address"
    assert "_auth_user_id" not in client.session
    assert not SocialAccount.objects.filter(user=ana).exists()
    assert mail.outbox[-1].subject == "You already have an account"


def test_a_service_is_connected_after_a_recent_proof_alone(client, strava, ana, monkeypatch):
    ana.set_unusable_password()
    ana.save()
    proved_just_now(client, ana)
    back = strava(process="connect", meanwhile=lambda: _make_old(client))
    assert (
        unquote(back.url) == f"/account/security/code/?next={reverse('socialaccount_connections')}"
    )
    assert not SocialAccount.objects.exists()
    for path, typed in (("?process=connect", {}), ("", {"process": "connect"})):
        begun = client.post(f"/accounts/strava/login/{path}", typed)
        assert begun.url == back.url, "asked before she goes there"

    proved_just_now(client, ana)
    strava(process="connect")
    assert SocialAccount.objects.get().user == ana


def _make_old(client):
    session = client.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= FRESH_FOR + 1
    session.save()
