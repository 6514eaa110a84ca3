"""Thirty words planted in every health and secret field are found nowhere but where they belong."""

import io
import logging
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import outbox
from accounts.health_reading import open_file
from accounts.intake_forms import IntakeForm, IntakeQuestion, Kind
from accounts.intake_publishing import publish
from accounts.models import IntakeAnswers
from accounts.roles import BOOKKEEPERS, FRONT_DESK, MANAGERS, THERAPISTS
from cms.api_scopes import Scope
from cms.api_tokens import issue_token
from cms.webhooks.models import WebhookEndpoint
from portal.staff import urls as staff_urls
from scheduling import feeds
from scheduling.cancelling import cancel_booking
from scheduling.intake_reminding import queue_intake_reminders
from tests.builders import make_lot, make_runner, make_staff
from tests.payments.conftest import running_sandbox, shop, shop_today  # noqa: F401 - fixtures
from tests.portal.account.test_account import book, bought
from tests.practice import open_practice

HEALTH = [f"canaryh{number:02}wren" for number in range(1, 26)]
SECRET = [f"canarys{number:02}wren" for number in range(1, 6)]
COMMON = "tender"  # in all of them: what somebody would search for
WORDS = [f"{one} {COMMON}" for one in HEALTH]
TOLD, CORRECTED, NOTED = WORDS[:10], WORDS[10:20], WORDS[20:]


@pytest.fixture
def story(shop_today, settings, caplog):  # noqa: F811 - the fixture imported above
    """A practice with a runner whose every health field holds a canary."""
    settings.ADMINS = [("Ada", "ada@example.org")]
    caplog.set_level(logging.DEBUG)
    return Story(shop_today)


class Story:
    def __init__(self, shop) -> None:  # noqa: F811
        self.shop = shop
        self.practice = open_practice()
        self.runner = make_runner("ana@example.org", "Ana Ortiz")
        bought(self.practice, self.runner)
        self.therapist = make_staff("imre@example.org", "Imre")
        self.therapist.groups.add(Group.objects.get(name=THERAPISTS))
        self.practice.imre.user = self.therapist
        self.practice.imre.save()
        self.booking = book(self.practice, self.runner)
        self.form = self._form()
        self.her = self._signed_in(self.runner)

    def _form(self) -> IntakeForm:
        form = IntakeForm.objects.create(title="Before", consent_text="You may keep it.")
        for place in range(10):
            IntakeQuestion.objects.create(
                form=form,
                kind=Kind.LONG if place % 2 else Kind.SHORT,
                words=f"Question {place}?",
                sort_order=place,
            )
        return publish(form=form, by=self.therapist, at=datetime.now(UTC))

    def _signed_in(self, user) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    def typed(self, words, **more) -> dict[str, str]:
        keys = [f"q-{one.key}" for one in self.form.all_questions]
        return {"version": str(self.form.version), **dict(zip(keys, words, strict=True)), **more}

    def as_role(self, role) -> Client:
        user = make_staff()
        user.groups.add(Group.objects.get(name=role))
        return self._signed_in(user)


def _plant(story, monkeypatch) -> None:
    """By the page and by the API, past a mistake, a refusal and a crash on the way."""
    page = reverse("portal_account:intake_answers")
    assert story.her.post(page, story.typed(TOLD)).status_code == 422
    with monkeypatch.context() as broken:
        broken.setattr("accounts.consenting.give", _broken)
        assert story.her.post(page, story.typed(TOLD, agrees="on")).status_code == 500
    assert story.her.post(page, story.typed(TOLD, agrees="on")).status_code == 302
    keys = [str(one.key) for one in story.form.all_questions]
    wrong = {"version": story.form.version, "answers": {keys[0]: CORRECTED[0]}, "agrees": True}
    right = wrong | {"answers": dict(zip(keys, CORRECTED, strict=True))}
    for number, (sent, status) in enumerate(((wrong, 422), (right, 201), ([], 422))):
        answer = story.her.post(
            "/api/v1/me/intake/answers/",
            sent,
            content_type="application/json",
            headers={"Idempotency-Key": f"canary-{number}"},
        )
        assert answer.status_code == status, answer.content
        assert not _found(HEALTH, answer.content.decode()), "kept for a repeat, so without words"
    assert IntakeAnswers.objects.count() == 2
    his = story._signed_in(story.therapist)
    note = reverse("staff:session_note", args=[story.booking.public_id])
    for words in NOTED[:3]:
        assert his.post(note, {"words": words}).status_code == 302
    for words in NOTED[3:]:
        address = f"/api/v1/staff/bookings/{story.booking.public_id}/note/"
        answer = his.post(address, {"words": words}, content_type="application/json")
        assert answer.status_code == 201, answer.content
    shown = his.get(reverse("staff:health", args=[story.runner.public_id])).content.decode()
    assert _found(HEALTH, shown) == set(HEALTH), "a therapist of hers reads every word"


def _plant_secrets(story, monkeypatch) -> list[str]:
    """Ways to sign in and to sign. Those that only ever exist as a hash are returned."""
    Authenticator.objects.filter(user=story.therapist).delete()  # the one he signed in with
    TOTP.activate(story.therapist, SECRET[0])
    with monkeypatch.context() as known:
        known.setattr(RecoveryCodes, "generate_seed", lambda: SECRET[4])
        RecoveryCodes.activate(story.therapist)
    WebhookEndpoint.objects.create(
        label="App",
        url="https://app.example/hook",
        secret=SECRET[1],
        previous_secret=SECRET[2],
        previous_until=datetime.now(UTC) + timedelta(hours=1),
    )
    feeds.new_address(owner=story.runner, at=datetime.now(UTC))
    story.therapist.set_password(SECRET[3])
    story.therapist.save()
    at = datetime.now(UTC)
    _token, secret = issue_token(
        user=story.therapist,
        name="App",
        scopes=[next(iter(Scope))],
        lasting=timedelta(days=1),
        by=story.therapist,
        at=at,
    )
    return [secret]


def _opened_secrets(story) -> set[str]:
    """What the portal itself reads out of them."""
    hook = WebhookEndpoint.objects.get()
    factors = Authenticator.objects.filter(user=story.therapist)
    kept = [one.data.get("secret") or one.data.get("seed") for one in factors]
    return {*map(decrypt, kept), *hook.secrets(datetime.now(UTC))}


def _broken(*args, **kwargs):
    raise RuntimeError("Something broke while words were at hand.")


def _found(words, text: str) -> set[str]:
    return {one for one in words if one in text}


def _mails(story) -> str:
    soon = story.booking.starts_at
    queue_intake_reminders(at=soon - timedelta(hours=47))
    cancel_booking(booking=story.booking, by=story.runner, at=datetime.now(UTC))
    outbox.send_due(at=datetime.now(UTC) + timedelta(days=10))
    assert any("error" in one.subject.lower() for one in mail.outbox), "the crash was mailed"
    assert any(one.attachments for one in mail.outbox)
    return "\n".join(one.message().as_string() + repr(one.attachments) for one in mail.outbox)


def _pages(story) -> str:
    """What everybody else sees: each role on each page without arguments, and about her."""
    about_her = [
        reverse("staff:runner", args=[story.runner.public_id]),
        reverse("staff:booking", args=[story.booking.public_id]),
        reverse("staff:health", args=[story.runner.public_id]),
        f"/staff/runners/?q={COMMON}",
        f"/api/v1/staff/runners/{story.runner.public_id}/health/",
        f"/api/v1/staff/bookings/{story.booking.public_id}/",
    ]
    plain = [
        reverse(f"staff:{one.name}")
        for one in staff_urls.urlpatterns
        if not one.pattern.converters and "(?P" not in str(one.pattern)
    ]
    seen = []
    for role in (FRONT_DESK, BOOKKEEPERS, MANAGERS):
        client = story.as_role(role)
        seen += [_read(client, address) for address in (*about_her, *plain)]
        assert client.get(about_her[2]).status_code in (403, 404), role
    seen.append(_managers_exports(story))
    boss = story._signed_in(make_staff(is_superuser=True))
    admin = ("/admin/", "/admin/questions/", "/admin/users/", f"/admin/questions/edit/{_draft()}/")
    seen += [_read(boss, address) for address in admin]
    stranger = story._signed_in(make_runner())
    own = ("/account/", "/account/intake/", "/api/v1/me/intake/", f"/search/?q={COMMON}")
    seen += [_read(stranger, address) for address in own]
    seen += [_read(story.her, address) for address in ("/account/", "/account/sessions/")]
    seen.append(_read(Client(), reverse("scheduling:feed", args=[_feed(story).token])))
    return "\n".join(seen)


def _managers_exports(story) -> str:
    """Everything a manager takes away of her: by the page, and by the API as rows and as a file."""
    manager, her = story.as_role(MANAGERS), story.runner.public_id
    by_api = f"/api/v1/staff/runners/{her}/export/"
    taken = []
    for number, address in enumerate(
        (reverse("staff:person_export", args=[her]), by_api, f"{by_api}?file=true")
    ):
        answer = manager.post(
            address,
            content_type="application/json",
            headers={"Idempotency-Key": f"export-{number}"},
        )
        assert answer.status_code == 200, answer.content
        taken.append(_unpacked(answer))
        assert story.runner.email in taken[-1], "it has the rest"
    return "\n".join(taken)


def _unpacked(answer) -> str:
    if answer["Content-Type"] != "application/zip":
        return answer.content.decode()
    pack = zipfile.ZipFile(io.BytesIO(answer.content))
    return "\n".join(pack.read(name).decode() for name in pack.namelist())


def _read(client, address: str) -> str:
    answer = client.get(address)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    # The search box repeats what was asked for; that is no find.
    return (
        body.decode(errors="replace")
        .replace(f'value="{HEALTH[0]}"', "")
        .replace(HEALTH[0], "" if "?q=" in address else HEALTH[0])
    )


def _draft() -> int:
    return IntakeForm.objects.drafts().values_list("pk", flat=True)[0]


def _feed(story):
    return feeds.open_feed(story.runner)


def _stripe(story) -> str:
    make_lot(story.runner, at=datetime.now(UTC))
    story.shop.checkout(story.shop.order(buyer=story.runner))
    return str(story.shop.sandbox.log(limit=500))


def _tables() -> str:
    """Every row of every table, as the database holds it."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names from the database
            rows += [f"{table} {row}" for row in cursor.fetchall()]
    return "\n".join(rows)


def _dump() -> str:
    dump = io.StringIO()
    call_command("dumpdata", "accounts", "mfa", "cms.webhookendpoint", stdout=dump)
    return dump.getvalue()


@pytest.mark.django_db
def test_thirty_canaries_are_found_in_no_sink(story, monkeypatch, caplog):
    _plant(story, monkeypatch)
    hashed = _plant_secrets(story, monkeypatch)
    sinks = {
        "pages, feeds, search and exports": _pages(story),
        "mails and calendars": _mails(story),
        "Stripe": _stripe(story),
        "logs": caplog.text,
        "cache": str(vars(cache).get("_cache", "")),
    }
    stores = {"tables": _tables(), "dump": _dump()}

    found = {name: _found(HEALTH + SECRET + hashed, text) for name, text in sinks.items()}
    found |= {name: _found(HEALTH + SECRET + hashed, text) for name, text in stores.items()}
    assert found == {name: set() for name in found}
    assert len({*HEALTH, *SECRET}) == 30
    assert all(len(text) > 100 for name, text in sinks.items() if name != "cache")
    file = open_file(person=story.runner, by=story.therapist, at=datetime.now(UTC))
    assert _opened_secrets(story) == {*SECRET[:3], SECRET[4]}
    said = {one.words for one_set in file.answers for one in one_set.answers}
    assert said | {one.words for one in file.notes} == set(WORDS), "and none of it was lost"
