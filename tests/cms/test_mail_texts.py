"""The practice's own words in mails: checked, previewed, taken back (N6)."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Locale

from accounts import outbox
from accounts.outbox import Letter, Silence
from cms.mail_texts.filling import faults_in, filled
from cms.mail_texts.kinds import KINDS
from cms.mail_texts.models import MailText
from cms.mail_texts.previewing import composed
from cms.mail_texts.wording import keep_rows
from tests.builders import make_runner, make_staff

LIST = "wagtailsnippets_cms_mailtext:list"
EDIT = "wagtailsnippets_cms_mailtext:edit"


@pytest.fixture
def rows(db):
    """A row a kind in the language of the practice."""
    keep_rows()
    return {text.kind: text for text in MailText.objects.filter(locale=Locale.get_default())}


@pytest.fixture
def manager(db) -> Client:
    user = make_staff()
    user.groups.add(Group.objects.get(name="Managers"))
    client = Client()
    client.force_login(user)
    return client


def reword(text: MailText, **words: str) -> None:
    for name, value in words.items():
        setattr(text, name, value)
    text.full_clean()
    text.save()


def sent(monkeypatch, mailoutbox, kind: str = "reminder"):
    """The mail of a kind as it leaves, from the facts of the sample."""
    sample = KINDS[kind].sample
    letter = Letter("The standard subject", kind, sample)
    monkeypatch.setitem(outbox._writers, kind, lambda message, *, at: letter)
    at = timezone.now()
    runner = make_runner()
    key = f"{kind}:{runner.pk}"
    outbox.enqueue(kind=kind, about="1", to=runner.email, user=runner, dedupe_key=key, at=at)
    outbox.send_due(at=at)
    return mailoutbox[-1]


def test_own_words_stand_around_the_facts_in_both_forms_of_the_mail(rows, monkeypatch, mailoutbox):
    reword(
        rows["reminder"],
        subject="See you {day}, {first_name}",
        before="Hello {first_name},\n\nplease ring the bell <twice>.",
        after="Bring shorts & water.",
    )
    letter = sent(monkeypatch, mailoutbox)
    html = letter.alternatives[0][0]
    assert letter.subject == "See you Wednesday 2 December, Ana"
    order = [
        letter.body.index(part) for part in ("Hello Ana,", "bell <twice>", "17:30", "shorts &")
    ]
    assert order == sorted(order)
    assert "bell &lt;twice&gt;" in html
    assert "Bring shorts &amp; water." in html


def test_empty_fields_and_other_languages_leave_the_standard_words(rows, monkeypatch, mailoutbox):
    german = Locale.objects.get_or_create(language_code="de")[0]
    other = MailText.objects.get(kind="reminder", locale=german)
    reword(other, subject="Bis morgen")
    assert sent(monkeypatch, mailoutbox).subject == "The standard subject"
    with translation.override("de"):
        assert sent(monkeypatch, mailoutbox).subject == "Bis morgen"
    reword(rows["reminder"], after="Only this.")
    letter = sent(monkeypatch, mailoutbox)
    assert letter.subject == "The standard subject"
    assert "Only this." in letter.body


def test_variables_are_checked_on_save(rows):
    table = [
        ({"before": "Hello {name}"}, "{name} is not known here"),
        ({"after": "Costs {first_name.password}"}, "A brace stands alone"),
        ({"subject": "Hi {first_name"}, "A brace stands alone"),
        ({"subject": "Two\nlines"}, "A subject is one line"),
        ({"before": "{% load static %}"}, "A brace stands alone"),
    ]
    for words, fault in table:
        text = MailText.objects.get(pk=rows["reminder"].pk)
        with pytest.raises(ValidationError) as refused:
            reword(text, **words)
        assert fault in str(refused.value)


@given(st.text(alphabet="{}abc_ .,%", max_size=40))
def test_what_passes_the_check_leaves_no_brace_and_what_is_filled_in_is_only_text(words):
    known = {"a": "{b}", "abc": ""}
    done = filled(words, known)
    if not faults_in(words, known):
        assert "{" not in done.replace("{b}", "")
    assert filled("Hello {abc}, {a}", known) == "Hello, {b}"


def test_each_kind_has_a_writer_a_sample_that_renders_and_variables_that_mean_something(rows):
    assert set(KINDS) <= set(outbox._writers)
    assert set(rows) == set(KINDS)
    for kind, text in rows.items():
        known = [typed for typed, _, _ in KINDS[kind].examples]
        text.before = "Words: " + " ".join(known)
        mail = composed(text)
        assert "Words: " in mail.body
        assert "{" not in mail.body.split("Words: ")[1].splitlines()[0], kind
        assert all(example for _, _, example in KINDS[kind].examples), kind
        assert len(mail.alternatives[0][0]) < 30_000


def test_somebody_without_a_name_is_greeted_without_a_gap(rows):
    assert filled("Hello {first_name}, see you.", {"first_name": ""}) == "Hello, see you."


def test_a_writer_with_nothing_to_say_stays_silent(rows, monkeypatch, mailoutbox):
    reword(rows["reminder"], subject="Own")
    monkeypatch.setitem(outbox._writers, "reminder", lambda message, *, at: Silence("Moved."))
    at = timezone.now()
    outbox.enqueue(kind="reminder", about="1", to="a@example.org", user=None, dedupe_key="x", at=at)
    assert outbox.send_due(at=at) == 0
    assert mailoutbox == []


def test_a_manager_finds_every_mail_edits_one_and_takes_it_back(rows, manager):
    page = manager.get(reverse(LIST)).content.decode()
    assert all(kind.title in page for kind in KINDS.values())
    address = reverse(EDIT, args=[rows["reminder"].pk])
    form = manager.get(address).content.decode()
    assert "{therapist_first}" in form
    assert "Goes out a day before the session." in form
    wrong = manager.post(address, {"subject": "Hi {nobody}", "before": "", "after": ""})
    assert "{nobody} is not known here" in wrong.content.decode()
    manager.post(address, {"subject": "See you, {first_name}", "before": "", "after": ""})
    text = MailText.objects.get(pk=rows["reminder"].pk)
    assert text.subject == "See you, {first_name}"
    back = reverse("wagtailsnippets_cms_mailtext:standard", args=[text.pk])
    assert "stay in the history" in manager.get(back).content.decode()
    manager.post(back)
    text.refresh_from_db()
    assert not text.is_own
    assert text.revisions.count() == 2


def test_the_preview_shows_a_sample_and_runs_nothing(rows):
    text = rows["booking_confirmed"]
    text.before = "Hello {first_name}, <script>alert(1)</script>"
    answer = text.make_preview_request()
    page = answer.content.decode()
    assert "Hello Ana," in page
    assert "<script" not in page
    assert "script-src 'none'" in answer["Content-Security-Policy"]
    plain = text.make_preview_request(preview_mode="text")
    assert plain["Content-Type"].startswith("text/plain")


def test_nobody_adds_or_deletes_a_mail_and_front_desk_edits_none(rows, manager):
    boss = Client()
    boss.force_login(make_staff(is_superuser=True))
    for verb, args in (("add", []), ("delete", [rows["reminder"].pk])):
        address = reverse(f"wagtailsnippets_cms_mailtext:{verb}", args=args)
        assert boss.post(address).status_code in (302, 403, 404)
    assert MailText.objects.filter(pk=rows["reminder"].pk).exists()
    desk = make_staff()
    desk.groups.add(Group.objects.get(name="Front desk"))
    client = Client()
    client.force_login(desk)
    back = reverse("wagtailsnippets_cms_mailtext:standard", args=[rows["reminder"].pk])
    reword(rows["reminder"], subject="Kept")
    assert client.post(back).status_code in (302, 403)
    rows["reminder"].refresh_from_db()
    assert rows["reminder"].subject == "Kept"
