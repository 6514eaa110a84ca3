"""No page loads anything from another site, and cookies are few (G5)."""

import re

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from tests.practice import open_practice

# Elements that make a browser fetch something by itself.
LOADS = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed|object|input|link)\b[^>]*?"
    r"\b(?:src|href|srcset|data|poster)=[\"'](?P<url>(?:https?:)?//[^\"']+)",
    re.IGNORECASE,
)
ONLY_SAID = re.compile(r"<link\b[^>]*\brel=[\"'](?:canonical|alternate|next|prev)", re.IGNORECASE)
COOKIES = {"session", "csrf", "messages", "passkey_offered"}


def _addresses(resolver: URLResolver, space: str = "") -> list[str]:
    found = []
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            inner = ":".join(part for part in (space, each.namespace) if part)
            found += _addresses(each, inner)
        elif isinstance(each, URLPattern) and each.name and not each.pattern.converters:
            try:
                found.append(reverse(f"{space}:{each.name}" if space else each.name))
            except NoReverseMatch:
                continue
    return found


@pytest.fixture
def pages(db):
    open_practice()
    found = [*_addresses(get_resolver()), "/"]
    ours = {one for one in found if not one.startswith(("/admin/", "/_allauth/", "/api/"))}
    return [*sorted(ours - {"/accounts/logout/", "/_util/"}), "/admin/", "/admin/pages/"]


def test_no_page_of_the_portal_loads_anything_from_another_site(pages):
    boss = User.objects.create_superuser("boss@example.org", name="Boss")
    signed_in, looked_at = Client(), 0
    signed_in.force_login(boss)
    for client in (Client(), signed_in):
        for page in pages:
            response = client.get(page)
            if "text/html" not in response.get("Content-Type", "") or response.streaming:
                continue
            looked_at += 1
            html = response.content.decode()
            elsewhere = [hit["url"] for hit in LOADS.finditer(html) if not ONLY_SAID.match(hit[0])]
            assert elsewhere == [], page
            assert set(response.cookies) <= COOKIES, page
            policy = response.get("Content-Security-Policy", "")
            assert "script-src 'self'" in policy, page
    assert looked_at > 60
