"""Tokens: shown once, kept as a hash, for what they are for, until they end."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import APIToken

from accounts.models import User
from cms.api_scopes import Scope
from cms.api_tokens import TokenTerms, issue_token
from tests.cms.token_holders import EVERYTHING, Program, editor

API = "/api/v1"


@pytest.fixture
def draft(write):
    return write("Not yet", live=False)


@pytest.fixture
def moderator(db):
    return editor()


# --- What opens nothing --------------------------------------------------------------------------
def test_a_token_without_meaning_is_401_even_where_everybody_may_read(client, tree):
    answer = client.get(f"{API}/pages/", headers={"Authorization": "Bearer made-up"})

    assert answer.status_code == 401
    assert answer.json()["code"] == "token_refused"


def test_a_revoked_token_opens_nothing(client, moderator, tree):
    program = Program(client, moderator, *EVERYTHING)
    assert program.get("/whoami/").status_code == 200
    program.token.revoke()

    assert program.get("/whoami/").json()["detail"] == "This token was revoked."
    assert program.get("/pages/").status_code == 401


def test_a_token_opens_nothing_once_it_is_over(client, moderator):
    with time_machine.travel("2026-11-28 10:00:00+00:00", tick=False) as clock:
        program = Program(client, moderator, *EVERYTHING)
        clock.shift(timedelta(days=30, seconds=-1))
        assert program.get("/whoami/").status_code == 200
        clock.shift(1)
        assert program.get("/whoami/").status_code == 401


def test_a_token_of_somebody_who_left_opens_nothing(client, moderator):
    program = Program(client, moderator, *EVERYTHING)
    User.objects.filter(pk=moderator.pk).update(is_active=False)

    assert program.get("/whoami/").status_code == 401


def test_a_token_made_without_terms_opens_nothing(client, moderator):
    _, secret = APIToken.create_token(user=moderator, name="by hand")

    answer = client.get(f"{API}/whoami/", headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == 401


def test_a_session_is_not_a_token(client, moderator, draft):
    client.force_login(moderator, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(f"{API}/pages/{draft.pk}/").status_code == 404
    assert client.delete(f"{API}/pages/{draft.pk}/").status_code == 401


# --- What each scope opens -----------------------------------------------------------------------
ASKED = {
    ("GET", "/pages/{page}/revisions/"): Scope.READ_DRAFTS,
    ("GET", "/content/pages/{page}/source/"): Scope.READ_DRAFTS,
    ("POST", "/content/pages/{page}/preview-address/"): Scope.READ_DRAFTS,
    ("POST", "/pages/"): Scope.WRITE,
    ("PATCH", "/pages/{page}/"): Scope.WRITE,
    ("POST", "/pages/{page}/actions/revert/"): Scope.WRITE,
    ("POST", "/pages/{page}/actions/publish/"): Scope.PUBLISH,
    ("POST", "/pages/{page}/actions/unpublish/"): Scope.PUBLISH,
    ("POST", "/pages/{page}/actions/move/"): Scope.PUBLISH,
    ("POST", "/pages/{page}/actions/copy/"): Scope.PUBLISH,
    ("POST", "/pages/{page}/actions/copy_for_translation/"): Scope.PUBLISH,
    ("DELETE", "/pages/{page}/"): Scope.PUBLISH,
    ("DELETE", "/content/pages/{page}/schedule/"): Scope.PUBLISH,
    ("DELETE", "/pages/{page}/actions/delete/"): Scope.PUBLISH,
    ("POST", "/images/"): Scope.IMAGES,
    ("PATCH", "/images/1/"): Scope.IMAGES,
    ("DELETE", "/images/1/"): Scope.IMAGES,
    ("POST", "/documents/"): Scope.DOCUMENTS,
    ("DELETE", "/documents/1/"): Scope.DOCUMENTS,
    ("POST", "/redirects/"): Scope.REDIRECTS,
    ("PUT", "/redirects/1/"): Scope.REDIRECTS,
    ("DELETE", "/redirects/1/"): Scope.REDIRECTS,
    ("POST", "/sites/"): Scope.SITES,
    ("DELETE", "/locales/1/"): Scope.SITES,
}


@pytest.mark.parametrize(("asked", "scope"), ASKED.items(), ids=lambda value: str(value))
def test_each_act_asks_for_its_scope(client, moderator, draft, asked, scope):
    method, path = asked[0], asked[1].format(page=draft.pk)
    others = [each for each in Scope if each is not scope]

    refused = Program(client, moderator, *others)(method, path, {})
    heard = Program(client, moderator, scope)(method, path, {})

    assert refused.status_code == 403
    assert (refused.json()["code"], refused.json()["scope"]) == ("scope_missing", scope.value)
    assert heard.json().get("code") != "scope_missing" if heard.content else True


def test_without_the_right_to_read_drafts_a_token_reads_what_everybody_reads(
    client, moderator, draft, write
):
    live = write("Live")
    reader = Program(client, moderator)
    insider = Program(client, moderator, Scope.READ_DRAFTS)

    assert reader.get(f"/pages/{live.pk}/").status_code == 200
    assert reader.get(f"/pages/{draft.pk}/?version=draft").status_code == 404
    assert insider.get(f"/pages/{draft.pk}/?version=draft").status_code == 200


def test_a_scope_gives_no_more_than_its_owner_may(client, draft):
    apprentice = Program(client, editor("new@example.com", group="Editors"), *EVERYTHING)
    stranger = Program(client, editor("desk@example.com", group="Therapists"), *EVERYTHING)

    assert apprentice.patch(f"/pages/{draft.pk}/", {"title": "Mine"}).status_code == 200
    assert apprentice.post(f"/pages/{draft.pk}/actions/publish/").status_code == 403
    assert stranger.patch(f"/pages/{draft.pk}/", {"title": "Mine"}).status_code == 403
    assert stranger.post("/redirects/", {"old_path": "/a"}).status_code == 403


def test_publishing_while_writing_asks_for_both_scopes(client, moderator, draft):
    program = Program(client, moderator, Scope.READ_DRAFTS, Scope.WRITE)

    answer = program.patch(f"/pages/{draft.pk}/", {"title": "Out", "meta": {"action": "publish"}})

    assert answer.status_code == 403
    assert answer.json()["scope"] == "content:publish"
    draft.refresh_from_db()
    assert not draft.live


# --- Keeping -------------------------------------------------------------------------------------
def test_only_a_hash_is_kept_and_when_it_was_used(client, moderator):
    program = Program(client, moderator, Scope.WRITE)
    assert program.token.last_used_at is None

    program.patch("/pages/99999/", {"title": "nothing there"})

    kept = APIToken.objects.values().get()
    assert program.secret not in json.dumps(kept, default=str)
    assert kept["last_used_at"] is not None


def test_the_database_refuses_a_token_that_ends_before_it_begins(moderator):
    token, _ = APIToken.create_token(user=moderator, name="odd")
    at = timezone.now()

    with pytest.raises(IntegrityError):
        TokenTerms.objects.create(token=token, scopes=[], granted_at=at, expires_at=at)


@pytest.mark.parametrize("days", [0, -1, 400])
def test_a_token_lasts_a_year_at_most(moderator, days):
    with pytest.raises(ValueError, match="between a moment and a year"):
        issue_token(
            user=moderator,
            name="long",
            scopes=[],
            lasting=timedelta(days=days),
            by=moderator,
            at=timezone.now(),
        )
    assert not APIToken.objects.exists()


# --- In the admin and on the command line --------------------------------------------------------
@pytest.fixture
def owner(client, db):
    person = User.objects.create_superuser(email="owner@example.com", password="long enough 2026")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def test_a_token_is_made_seen_and_revoked_in_the_admin(client, owner):
    form = {
        "name": "import script",
        "user": owner.pk,
        "days": 30,
        "scopes": ["content:write", "images:write"],
    }

    made = client.post(reverse("wagtailusers_api_tokens:add"), form)
    secret = made.context["token"]

    assert secret in made.content.decode()
    program = {"Authorization": f"Bearer {secret}"}
    assert client.get(f"{API}/whoami/", headers=program).json()["user"]["email"] == owner.email
    listed = client.get(reverse("wagtailusers_api_tokens:index")).content.decode()
    assert "content:write, images:write" in listed
    assert secret not in listed
    token = APIToken.objects.get()
    client.post(reverse("wagtailusers_api_tokens:delete", args=[token.pk]))
    assert client.get(f"{API}/whoami/", headers=program).status_code == 401


def test_a_token_is_made_on_the_command_line(client, moderator, capsys):
    call_command(
        "api_tokens", "create", user=moderator.email, name="ci", scopes=["content:write"], days=7
    )
    secret = capsys.readouterr().out.strip()

    answer = client.get(f"{API}/whoami/", headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == 200
    assert APIToken.objects.get().terms.scopes == ["content:write"]


def test_the_command_line_refuses_a_term_without_end(moderator):
    with pytest.raises(CommandError, match="1 to 366 days"):
        call_command("api_tokens", "create", user=moderator.email, name="ci", days=9999)


def test_webhooks_are_managed_with_a_token_for_them(client, owner):
    client.logout()
    others = [scope for scope in Scope if scope is not Scope.WEBHOOKS]

    assert Program(client, owner, Scope.WEBHOOKS).get("/webhooks/").json() == []
    assert Program(client, owner, *others).get("/webhooks/").status_code == 403
    assert client.get(f"{API}/webhooks/").status_code == 401
