"""Mails per purpose, and the link that stops them (N5, P15)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client

from accounts import outbox
from accounts.audit_trail import AuditEntry
from accounts.consent_texts import MARKETING, TEXTS, decide, is_on
from accounts.consents import Channel, Consent, Purpose
from accounts.models import Message
from accounts.outbox import Letter
from accounts.preferring import OPTIONAL, mails_of
from accounts.unsubscribing import token_for, unsubscribe_url
from tests.builders import make_runner

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
BY_API = {"HTTP_SEC_FETCH_SITE": "same-origin", "content_type": "application/json"}
KINDS = {"news": Purpose.MARKETING, "notice": Purpose.CREDIT_NOTICES, "receipt_of": None}


@pytest.fixture
def ana(db):
    return make_runner("ana@example.org", "Ana Ortiz")


@pytest.fixture
def her(ana) -> Client:
    client = Client()
    client.force_login(ana)
    return client


@pytest.fixture
def link(ana) -> str:
    return f"/account/mails/{token_for(ana, Purpose.CREDIT_NOTICES)}/"


@pytest.fixture
def kinds(monkeypatch):
    """A mail of each sort."""
    for kind, purpose in KINDS.items():
        monkeypatch.setitem(
            outbox._writers, kind, lambda message, *, at: Letter(message.kind, "layout", {})
        )
        if purpose:
            monkeypatch.setitem(outbox._purposes, kind, purpose)


def set_all(person, *, wanted: bool) -> None:
    for purpose in OPTIONAL:
        decide(person, purpose, agrees=wanted, channel=Channel.ACCOUNT, by=person, at=AT)


def subjects_sent(person) -> set[str]:
    """Owe one mail of each sort, and see which leave."""
    mail.outbox.clear()
    Message.objects.all().delete()
    for kind in KINDS:
        outbox.enqueue(kind=kind, about="1", to=person.email, user=person, dedupe_key=kind, at=AT)
    outbox.send_due(at=AT)
    return {letter.subject for letter in mail.outbox}


def test_what_is_needed_always_comes_news_after_a_yes_notices_until_a_no(ana, kinds):
    assert subjects_sent(ana) == {"notice", "receipt_of"}
    set_all(ana, wanted=True)
    assert subjects_sent(ana) == {"news", "notice", "receipt_of"}
    set_all(ana, wanted=False)
    assert subjects_sent(ana) == {"receipt_of"}
    dropped = set(
        Message.objects.exclude(dropped_at=None).values_list("dropped_because", flat=True)
    )
    assert dropped == {"She asked for no mails like this."}


def test_a_no_said_while_the_mail_waits_is_heard(ana, kinds):
    outbox.enqueue(kind="notice", about="1", to=ana.email, user=ana, dedupe_key="n", at=AT)
    set_all(ana, wanted=False)
    outbox.send_due(at=AT)
    assert mail.outbox == []


def test_only_optional_mails_carry_the_two_headers_and_the_link(ana, kinds):
    subjects_sent(ana)
    by_subject = {letter.subject: letter for letter in mail.outbox}
    notice, needed = by_subject["notice"], by_subject["receipt_of"]
    url = unsubscribe_url(ana, Purpose.CREDIT_NOTICES)
    assert notice.extra_headers["List-Unsubscribe"] == f"<{url}>"
    assert notice.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in notice.body
    assert url in notice.alternatives[0][0]
    assert "List-Unsubscribe" not in needed.extra_headers
    assert "Stop mails" not in needed.body


def test_one_click_of_a_mail_program_stops_them_without_signing_in(ana, link):
    program = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = program.post(link, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.content) == (200, b"Stopped.")
    assert not is_on(ana, Purpose.CREDIT_NOTICES)
    decision = Consent.objects.get()
    assert (decision.granted, decision.channel) == (False, Channel.UNSUBSCRIBE)
    assert "ana" not in link


def test_looking_at_the_link_changes_nothing_and_the_button_can_be_undone(ana, link):
    visitor = Client()
    page = visitor.get(link)
    assert "Stop these mails?" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    visitor.head(link)
    assert not Consent.objects.exists()
    assert "Undo" in visitor.post(link).content.decode()
    assert not is_on(ana, Purpose.CREDIT_NOTICES)
    assert "Stop these mails?" in visitor.post(link, {"again": "yes"}).content.decode()
    assert is_on(ana, Purpose.CREDIT_NOTICES)


def test_a_link_never_says_yes_for_somebody_who_said_no_on_her_page(ana, link):
    set_all(ana, wanted=False)
    text = Client().post(link, {"again": "yes"}).content.decode()
    assert not is_on(ana, Purpose.CREDIT_NOTICES)
    assert "Undo" not in text


def test_links_that_are_not_ours_or_of_somebody_who_left_are_not_found(ana, link):
    assert Client().get(f"{link[:-3]}xx/").status_code == 404
    assert Client().post("/account/mails/abc/").status_code == 404
    health = f"/account/mails/{token_for(ana, Purpose.HEALTH)}/"
    assert Client().post(health).status_code == 404
    ana.is_active = False
    ana.save()
    assert Client().get(link).status_code == 404


def test_the_page_has_a_switch_for_each_and_records_only_what_changed(ana, her):
    text = her.get("/account/preferences/").content.decode()
    assert text.count('type="checkbox"') == 2
    assert text.count(" checked") == 1
    her.post("/account/preferences/", {"credit_notices": "on"})
    assert not Consent.objects.exists()
    her.post("/account/preferences/", {"marketing": "on"})
    yes, no = Consent.objects.order_by("purpose")[::-1]
    assert (yes.purpose, yes.granted, yes.text_version) == ("marketing", True, "marketing-1")
    assert (no.purpose, no.granted) == ("credit_notices", False)
    assert [each.is_on for each in mails_of(ana)] == [False, True]


@pytest.mark.parametrize("purpose", OPTIONAL)
def test_through_every_door_a_decision_that_changes_nothing_leaves_no_row(ana, her, purpose):
    link = f"/account/mails/{token_for(ana, purpose)}/"
    me = "/api/v1/me"
    doors = {
        "page": lambda yes: her.post("/account/preferences/", {purpose.value: "on"} if yes else {}),
        "link": lambda yes: her.post(link, {"again": "yes"} if yes else {}),
        "mails": lambda yes: her.put(f"{me}/preferences/{purpose}/", {"wanted": yes}, **BY_API),
        "privacy": lambda yes: her.put(f"{me}/consents/{purpose}/", {"agrees": yes}, **BY_API),
    }
    other = next(each for each in OPTIONAL if each != purpose)
    decide(ana, other, agrees=False, channel=Channel.DESK, by=ana, at=AT)
    decide(ana, purpose, agrees=True, channel=Channel.DESK, by=ana, at=AT)
    for door, say in doors.items():
        for yes, rows in ((True, 0), (False, 1), (False, 0), (True, 1), (True, 0)):
            before = Consent.objects.count()
            say(yes)
            assert is_on(ana, purpose) == yes, (door, yes)
            assert Consent.objects.count() - before == rows, (door, yes)
    noted = AuditEntry.objects.filter(action__startswith="consent.", runner=ana.public_id)
    assert noted.count() == Consent.objects.count()


def test_both_pages_and_both_operations_tell_the_same(ana, her):
    decide(ana, Purpose.MARKETING, agrees=True, channel=Channel.API, by=ana, at=AT)
    decide(ana, Purpose.CREDIT_NOTICES, agrees=False, channel=Channel.API, by=ana, at=AT)
    mails = her.get("/api/v1/me/preferences/").json()["preferences"]
    choices = her.get("/api/v1/me/consents/").json()["choices"]
    assert [
        (one["purpose"], one["title"], one["version"], one["text"], one["wanted"]) for one in mails
    ] == [
        (one["purpose"], one["title"], one["version"], one["text"], one["is_on"]) for one in choices
    ]
    wishes = her.get("/account/preferences/").content.decode()
    privacy = her.get("/account/privacy/").content.decode()
    for words in TEXTS.values():
        assert words.title in wishes
        assert words.text in wishes
        assert words.title in privacy
        assert words.text in privacy
    assert wishes.count(" checked") == privacy.count("<b>Yes</b>") == 1
    assert '<a href="/account/preferences/">Your mails</a>' in privacy


def test_a_yes_to_new_words_is_a_decision_and_a_switch_left_alone_is_none(ana, her, monkeypatch):
    decide(ana, Purpose.MARKETING, agrees=True, channel=Channel.API, by=ana, at=AT)
    newer = replace(MARKETING, version="marketing-2", text="And by text message.")
    monkeypatch.setitem(TEXTS, Purpose.MARKETING, newer)
    her.post("/account/preferences/", {"marketing": "on", "credit_notices": "on"})
    assert Consent.objects.get().text_version == MARKETING.version
    for _again in range(2):
        her.put("/api/v1/me/preferences/marketing/", {"wanted": True}, **BY_API)
    assert [one.text_version for one in Consent.objects.order_by("pk")] == [
        MARKETING.version,
        newer.version,
    ]


def test_the_api_holds_the_same_switches(ana, her):
    answer = her.put("/api/v1/me/preferences/marketing/", {"wanted": True}, **BY_API)
    assert answer.status_code == 200
    assert is_on(ana, Purpose.MARKETING)
    assert Consent.objects.get().channel == Channel.API
    shown = her.get("/api/v1/me/preferences/").json()
    assert {one["purpose"]: one["wanted"] for one in shown["preferences"]} == {
        "credit_notices": True,
        "marketing": True,
    }
    assert shown["undeliverable"] is False
    wrong = her.put("/api/v1/me/preferences/health/", {"wanted": True}, **BY_API)
    assert wrong.status_code == 422
