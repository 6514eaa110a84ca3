"""The settings of a public machine: cookies, hosts, links in mails, where to report."""

import json
import os
import subprocess
import sys

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.consents import Purpose
from accounts.outbox import send_due
from accounts.unsubscribing import token_for, wish_in

PUBLIC = {
    "DEBUG": "0",
    "SECRET_KEY": "k9-" + "x1Y2" * 20,
    "ALLOWED_HOSTS": "portal.example",
    "SITE_URL": "https://portal.example",
    "DATABASE_URL": "sqlite://:memory:",
    "EMAIL_URL": "smtp://mail.example",
    "HEALTH_KEYS": "2026-11:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "STRIPE_SECRET_KEY": "rk_live_x",
    "STRIPE_API_BASE": "",
    "STRIPE_WEBHOOK_SECRETS": "whsec_x",
}
ASK = """
import json
from django.conf import settings as s
from accounts.security_pages import OFFERED
from portal.message_cookie import OurCookie
print(json.dumps({name: getattr(s, name) for name in (
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_SAMESITE", "SESSION_COOKIE_DOMAIN", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT",
    "USE_X_FORWARDED_HOST", "DEBUG", "SECRET_KEY_FALLBACKS")} | {
    "HASHER": s.PASSWORD_HASHERS[0], "OFFERED": OFFERED, "MESSAGES": OurCookie.cookie_name}))
"""


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=inherited | PUBLIC,
        capture_output=True,
        text=True,
        check=False,
    )


def test_cookies_of_a_public_machine_belong_to_its_host_alone():
    answer = json.loads(_run("shell", "-v", "0", "-c", ASK).stdout.strip().splitlines()[-1])

    assert answer == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_DOMAIN": None,
        "SECURE_HSTS_SECONDS": 63_072_000,
        "SECURE_SSL_REDIRECT": True,
        "USE_X_FORWARDED_HOST": False,
        "DEBUG": False,
        "SECRET_KEY_FALLBACKS": [],
        "HASHER": "django.contrib.auth.hashers.Argon2PasswordHasher",
        "OFFERED": "__Host-passkey_offered",
        "MESSAGES": "__Host-messages",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver:x", "a b", "[::"]
)
@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/api/v1/packages/", "/admin/", "/accounts/login/"]
)
def test_a_strange_host_is_a_bad_request_with_all_its_headers(host, path):
    answer = Client(raise_request_exception=False).get(path, headers={"host": host})

    assert answer.status_code == 400
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors" in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_links_in_mails_lead_to_the_site_whatever_host_was_named(settings, client):
    """Fault 49: a link with a token must not be led to somebody else's host."""
    settings.SITE_URL = "https://portal.example"
    headers = {"host": "localhost", "x-forwarded-host": "evil.example"}
    client.post("/accounts/login/code/", {"email": "mara@example.com"}, headers=headers)
    send_due(at=timezone.now())

    assert mail.outbox
    for letter in mail.outbox:
        whole = letter.body + "".join(part[0] for part in getattr(letter, "alternatives", []))
        assert "evil.example" not in whole
        assert "http://localhost" not in whole


@pytest.mark.django_db
def test_signing_out_asks_the_browser_to_forget(client, django_user_model):
    user = django_user_model.objects.create_user("ana@example.org", name="Ana")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    assert "Clear-Site-Data" not in client.get("/account/")
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.django_db
def test_security_txt_says_where_to_report_and_is_not_stale(client, settings, time_machine):
    settings.SECURITY_CONTACT = "mailto:safe@portal.example"
    time_machine.move_to("2027-03-01T15:00:00Z")

    lines = client.get("/.well-known/security.txt").content.decode().splitlines()

    assert "Contact: mailto:safe@portal.example" in lines
    assert "Expires: 2027-08-28T00:00:00Z" in lines
    assert f"Canonical: {settings.SITE_URL}/.well-known/security.txt" in lines


@pytest.mark.django_db
def test_next_leads_nowhere_but_to_our_own_pages(client, django_user_model):
    """Fault 45: a link in a mail of somebody else must not end on their page."""
    user = django_user_model.objects.create_user("ana@example.org", name="Ana")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    spellings = (
        "https://evil.example", "//evil.example", "///evil.example", r"\\evil.example",
        r"/\evil.example", "/\t/evil.example", "https:evil.example", "http:///evil.example",
        "javascript:alert(1)", "https://testserver@evil.example", "data:text/html,x",
        "https://testserver.evil.example", " //evil.example",
    )  # fmt: skip

    led = [client.get("/accounts/login/", {"next": one})["Location"] for one in spellings]

    assert [one for one in led if not one.startswith("/account/")] == []
    assert client.get("/accounts/login/", {"next": "/book/"})["Location"] == "/book/"


@pytest.mark.django_db
def test_people_are_led_to_https_and_programs_are_refused(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/packages/")["Location"] == "https://testserver/packages/"
    for path in ("/api/v1/packages/", "/_allauth/app/v1/auth/login", "/webhooks/stripe"):
        answer = client.post(path, {"password": "in the clear"}, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (403, "https_only"), path
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get("/api/v1/packages/", secure=True).status_code == 200


@pytest.mark.django_db
def test_links_signed_with_an_earlier_key_count_while_it_is_kept(settings):
    ana = get_user_model().objects.create_user("ana@example.org", name="Ana")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "first" * 12, []
    link = token_for(ana, Purpose.MARKETING)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second" * 12, ["first" * 12]
    assert wish_in(link) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert wish_in(link) is None
