"""Every address there is, asked by three people: its headers hold, and asking changes nothing."""

import re
from http.cookies import Morsel

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from portal.security_headers import PERMISSIONS
from tests.portal.hardening.routes import routes
from tests.portal.hardening.world import make_world

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
# A session remembers when it was used and where from; a picture is drawn in the size asked for;
# Wagtail notes how large a file is, who has opened a page, and how each editor likes it.
MAY_BE_WRITTEN = (
    "django_session",
    "usersessions_usersession",
    "wagtailimages_rendition",
    "wagtaildocs_document",
    "wagtailcore_pagesubscription",
    "wagtailusers_userprofile",
    "wagtailadmin_editingsession",
    "accounts_auditentry",  # who has read answers about health
)
WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+\W?(\w+)", re.I)
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)(?![^>]*type=[\"']?(?:application/|text/(?:django|x-))[^>]*)[^>]*>"
    r"|<style|<[a-z][^<>]*\s(?:style|on[a-z]+)\s*=\s*[\"']|href=[\"']javascript:",
    re.I,
)
STRICT = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}
REFERRERS = ("same-origin", "no-referrer", "strict-origin-when-cross-origin")


class Wrote(Exception):
    """A GET that wrote; deliberately no error of the database's, which a view might handle."""


def _refuse_writes(execute, sql, params, many, context):
    if (found := WRITES.match(sql)) and found[1] not in MAY_BE_WRITTEN:
        raise Wrote(sql[:150])
    return execute(sql, params, many, context)


@pytest.fixture(scope="module")
def everything():
    return routes()


def test_the_list_of_addresses_is_whole(everything):
    """Each app's addresses are in it, so that an empty walk proves nothing by accident."""
    first = {route.shape.split("/")[1] for route in everything}
    assert {"admin", "staff", "account", "accounts", "_allauth", "api", "book", "orders"} <= first
    assert len(everything) > 800


@pytest.mark.parametrize("who", ["anybody", "runner", "staff"])
def test_every_address_has_its_headers_and_asking_it_writes_nothing(settings, everything, who):
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 63_072_000
    world = make_world()
    client = Client(raise_request_exception=False, headers={"x-forwarded-host": "evil.example"})
    if who != "anybody":
        client.force_login(getattr(world, who), backend=BACKEND)
    kept = dict(client.cookies)

    found: list[str] = []
    for route in everything:
        client.cookies.clear()
        client.cookies.update(kept)
        path = world.path(route)
        with transaction.atomic(), connection.execute_wrapper(_refuse_writes):
            answer = client.get(path, secure=True)
            transaction.set_rollback(True)
        found += [f"{path}: {wrong}" for wrong in faults(answer)]

    assert not found, "\n".join(found)


def faults(answer: HttpResponse) -> list[str]:
    """What is the matter with the headers of an answer, in words."""
    wrong = [
        f"{name} is {answer.headers.get(name)}"
        for name, value in STRICT.items()
        if answer.headers.get(name) != value
    ]
    if answer.status_code >= 500:
        kind, error = (getattr(answer, "exc_info", None) or (None, ""))[:2]
        wrong.append(f"{answer.status_code} {kind} {error}")
    if answer.headers.get("Referrer-Policy") not in REFERRERS:
        wrong.append("no referrer policy")
    if "max-age=63072000" not in answer.headers.get("Strict-Transport-Security", ""):
        wrong.append("no HSTS")
    if answer.headers.get("X-Frame-Options") not in ("SAMEORIGIN", "DENY"):
        wrong.append("may be framed")
    if "Server" in answer.headers or "X-Powered-By" in answer.headers:
        wrong.append("names its server")
    if "evil.example" in str(answer.headers):
        wrong.append("believes X-Forwarded-Host")
    return [*wrong, *_policy(answer), *_copies(answer), *_cookies(answer), *_inline(answer)]


def _policy(answer: HttpResponse) -> list[str]:
    policy = answer.headers.get("Content-Security-Policy", "")
    if "unsafe-" in policy:
        return [f"loose: {policy}"]
    if "sandbox" in policy:  # a document: nothing of it runs
        return []
    closed = "default-src 'none'" in policy or (
        "object-src 'none'" in policy and "script-src 'self'" in policy
    )
    framed = "frame-ancestors" in policy and "base-uri 'none'" in policy
    return [] if closed and framed else [f"policy: {policy or 'none'}"]


def _copies(answer: HttpResponse) -> list[str]:
    """What a shared cache may keep has no cookie and no token; all else it may not keep."""
    rule = answer.headers.get("Cache-Control", "")
    if "public" in rule:
        body = b"" if answer.streaming else answer.content
        personal = bool(answer.cookies) or b"csrfmiddlewaretoken" in body
        return ["a public copy of something personal"] if personal else []
    return [] if "private" in rule or "no-store" in rule else [f"cache rule: {rule or 'none'}"]


def _cookies(answer: HttpResponse) -> list[str]:
    return [f"cookie {name}" for name, one in answer.cookies.items() if not _is_strict(one)]


def _is_strict(cookie: "Morsel[str]") -> bool:
    if cookie["max-age"] == 0:  # it is taken away
        return True
    lax = cookie["samesite"] in ("Lax", "Strict")
    whole = cookie["path"] == "/" and not cookie["domain"]
    return bool(lax and whole and cookie["httponly"] and cookie["secure"])


def _inline(answer: HttpResponse) -> list[str]:
    """Nothing in the markup that the policy would refuse to run."""
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    text = answer.content.decode(errors="replace")
    return [f"inline: {found[0][:120]}" for found in INLINE.finditer(text)][:2]
