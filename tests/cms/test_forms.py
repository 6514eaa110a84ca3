"""A visitor writes to the practice: kept with what she agreed to, answered, deleted in time."""

import csv
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Message
from accounts.outbox import send_due
from cms.demo_content.forms import load_forms
from cms.forms.forgetting import forget_due
from cms.forms.models import ConsentText, Enquiry, FormPage
from cms.forms.sending import form_of, guards_of

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
OURS = {"Sec-Fetch-Site": "same-origin"}
SENT = {
    "your_name": "Ola Nowak",
    "your_email": "ola@example.com",
    "your_phone_number": "",
    "what_is_it_about": "A session",
    "your_message": "Do you treat <b>calves</b>?",
    "consent": "on",
    "website": "",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def contact(tree):
    load_forms(tree, None)
    return FormPage.objects.get(slug="contact")


@pytest.fixture
def race(contact):
    return FormPage.objects.get(slug="race-team")


def filled(page, **changed):
    """What a person sends who took ten seconds."""
    guards = guards_of(page, at=timezone.now() - timedelta(seconds=10))
    sent = {**SENT, **guards, **changed}
    return {name: value for name, value in sent.items() if value is not None}


def post(client, page, headers=OURS, **changed):
    return client.post(f"/forms/{page.pk}/", filled(page, **changed), headers=headers)


# --- The page -------------------------------------------------------------------------------------
def test_the_page_has_labels_a_promise_and_no_cookie_and_no_token(client, contact):
    response = client.get("/contact/")
    html = response.content.decode()

    for words in ["Your name", "Your phone number", "(optional)", "deleted after 180 days"]:
        assert words in html
    assert "csrf" not in html
    assert not response.cookies
    assert "public" in response["Cache-Control"]


def test_a_copy_of_the_page_stays_good(client, contact, clock):
    first = client.get("/contact/")
    clock.shift(45)

    again = client.get("/contact/", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert stamp_in(client.get("/contact/")) != stamp_in(first)


def stamp_in(response):
    return re.search(r'name="opened" value="([^"]*)"', response.content.decode())[1]


def test_a_form_is_a_page_like_any_other(client, contact, write):
    film = {"address": "https://youtu.be/dQw4w9WgXcQ", "title": "A raise", "note": ""}
    contact.body = [
        ("prose", '<p><a href="/treatments/">Treatments</a></p>'),
        ("embed", film),
    ]
    contact.save_revision().publish()
    via = write().via
    players = "frame-src https://www.youtube-nocookie.com"

    response = client.get("/contact/", {"via": via})
    assert f'href="/treatments/?via={via}"' in response.content.decode()
    assert players in response["Content-Security-Policy"]
    assert players in post(client, contact, your_name="")["Content-Security-Policy"]
    markdown = client.get("/contact/", headers={"accept": "text/markdown"})
    assert markdown["Content-Type"].startswith("text/markdown")
    assert "# Contact" in markdown.content.decode()


def test_a_preview_shows_the_form_with_its_films(contact):
    contact.body = [
        ("embed", {"address": "https://youtu.be/dQw4w9WgXcQ", "title": "A raise", "note": ""})
    ]

    response = contact.make_preview_request()

    assert 'name="consent"' in response.content.decode()
    assert "frame-src https://www.youtube-nocookie.com" in response["Content-Security-Policy"]


def test_the_empty_form_asks_the_database_little(client, contact, django_assert_max_num_queries):
    client.get("/contact/")

    with django_assert_max_num_queries(12):
        client.get("/contact/")


# --- Sending --------------------------------------------------------------------------------------
def test_what_was_sent_is_kept_and_both_hear_of_it(client, contact):
    response = post(client, contact)

    assert (response.status_code, response.url) == (302, f"/forms/{contact.pk}/thanks/")
    enquiry = Enquiry.objects.get()
    assert enquiry.answers()[1] == ("Your email", "ola@example.com")
    assert enquiry.consent.number == 1
    assert "deleted after 180 days" in enquiry.consent.text
    assert enquiry.forget_at == NOW + timedelta(days=180)
    send_due(at=NOW)
    ours, hers = sorted(mail.outbox, key=lambda each: each.to == ["ola@example.com"])
    assert ours.to == ["hello@massageforrunners.example"]
    assert "Do you treat <b>calves</b>?" in ours.body
    assert "&lt;b&gt;calves" in ours.alternatives[0][0]
    assert hers.to == ["ola@example.com"]
    assert "calves" not in hers.body + hers.alternatives[0][0]


def test_the_thanks_are_for_nobody_in_particular_and_no_search_engine(client, contact):
    response = client.get(f"/forms/{contact.pk}/thanks/")

    assert "Thank you" in response.content.decode()
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert not response.cookies


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"your_name": ""}, "Please fill in &quot;Your name&quot;."),
        ({"your_email": "ola"}, "That is no email address. Is there a typo?"),
        ({"what_is_it_about": ""}, "Please choose for &quot;What is it about&quot;."),
        ({"what_is_it_about": "Nonsense"}, "Select a valid choice"),
        ({"your_message": "x" * 4001}, "at most 4000 characters"),
        ({"consent": None}, "only if you tick this"),
        ({"website": "http://spam.example"}, "A field that people do not see was filled in"),
        ({"opened": "made up"}, "faster than people type"),
        ({"opened": ""}, "faster than people type"),
        ({"consent_seen": "old"}, "The words next to the tick changed"),
    ],
)
def test_a_mistake_is_told_kindly_and_keeps_what_was_typed(client, contact, changed, words):
    response = post(client, contact, **changed)
    html = response.content.decode()

    assert response.status_code == 422
    assert words in html
    if "your_message" not in changed:
        assert "Do you treat &lt;b&gt;calves&lt;/b&gt;?" in html
    assert "no-store" in response["Cache-Control"]
    assert not Enquiry.objects.exists()
    assert not Message.objects.exists()


def test_a_mistake_is_told_in_the_language_of_the_page(client, contact):
    sent = filled(contact, your_name="", what_is_it_about="", website="x")
    response = client.post(f"/de/forms/{contact.pk}/", sent, headers=OURS)
    html = response.content.decode()

    assert response.status_code == 422
    for words in ["Bitte fülle „Your name“ aus.", "Bitte wähle bei", "Ein Feld, das Menschen"]:
        assert words in html


def test_a_form_sent_at_once_is_asked_for_again_and_then_taken(client, contact, clock):
    stamp = guards_of(contact, at=NOW)["opened"]
    first = post(client, contact, opened=stamp)
    assert first.status_code == 422
    clock.shift(4)

    assert post(client, contact, opened=stamp_in(first)).status_code == 302


def test_a_page_from_a_cache_can_be_sent_days_later(client, contact):
    old = guards_of(contact, at=NOW - timedelta(days=5))["opened"]

    assert post(client, contact, opened=old).status_code == 302


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}],
)
def test_another_site_cannot_send_the_form(client, contact, headers):
    response = post(client, contact, headers=headers)

    assert response.status_code == 403
    assert "calves" not in response.content.decode()
    assert not Enquiry.objects.exists()


def test_one_address_sends_five_an_hour_and_keeps_what_it_wrote(client, contact, clock):
    for _ in range(5):
        assert post(client, contact).status_code == 302

    stopped = post(client, contact)

    assert stopped.status_code == 429
    assert "Do you treat" in stopped.content.decode()
    assert Enquiry.objects.count() == 5


def test_nobody_is_pestered_with_acknowledgements(client, contact):
    for number in range(5):
        client.post(
            f"/forms/{contact.pk}/", filled(contact), headers=OURS, REMOTE_ADDR=f"10.0.0.{number}"
        )

    kinds = Message.objects.values_list("kind", flat=True)
    assert sorted(kinds).count("enquiry_acknowledged") == 3
    assert sorted(kinds).count("enquiry_received") == 5


def test_a_bookmark_of_the_address_that_takes_the_form_leads_to_the_form(client, contact):
    assert client.get(f"/forms/{contact.pk}/").url == "/contact/"


def test_a_form_that_is_not_live_takes_nothing(client, contact):
    contact.unpublish()

    assert post(client, contact).status_code == 404
    assert client.get(f"/forms/{contact.pk}/thanks/").status_code == 404
    assert client.get(f"/api/v1/content/forms/{contact.pk}/").status_code == 404


def test_every_kind_of_field_is_drawn_and_kept(client, race):
    html = client.get("/race-team/").content.decode()
    assert 'type="date"' in html
    assert 'type="checkbox" name="what_would_help"' in html.replace("\n", " ")
    sent = {
        "your_name": "Ola", "your_email": "ola@example.com", "name_of_the_race": "Harbour 10K",
        "day_of_the_race": "2027-05-23", "how_many_runners": "300", "anything_else": "",
        "what_would_help": ["Massage at the finish", "A talk on recovery"], "consent": "on",
    }  # fmt: skip
    guards = guards_of(race, at=NOW - timedelta(seconds=10))

    response = client.post(f"/forms/{race.pk}/", sent | guards, headers=OURS)

    assert response.status_code == 302
    answers = dict(Enquiry.objects.get().answers())
    assert answers["Day of the race"] == "2027-05-23"
    assert answers["What would help?"] == "Massage at the finish, A talk on recovery"


# --- What people agree to -------------------------------------------------------------------------
def test_words_that_change_are_a_new_version_and_old_messages_keep_theirs(client, contact):
    post(client, contact)
    contact.keep_days = 30
    contact.save_revision().publish()
    contact.refresh_from_db()

    post(client, contact)

    texts = [enquiry.consent for enquiry in Enquiry.objects.order_by("pk")]
    assert [text.number for text in texts] == [1, 2]
    assert "180 days" in texts[0].text
    assert "30 days" in texts[1].text
    assert Enquiry.objects.first().forget_at == NOW + timedelta(days=180)


def test_the_words_must_say_how_long(contact):
    contact.consent_text = "I agree to be kept for ten days."

    with pytest.raises(ValidationError, match="Say how long"):
        contact.full_clean()


def test_the_database_holds_the_promises(client, contact):
    post(client, contact)
    enquiry, text = Enquiry.objects.get(), ConsentText.objects.get()

    for broken in [
        lambda: FormPage.objects.filter(pk=contact.pk).update(keep_days=0),
        lambda: Enquiry.objects.filter(pk=enquiry.pk).update(forget_at=enquiry.submit_time),
        lambda: ConsentText.objects.create(
            page=contact, number=text.number, digest="x", text="x", used_since=NOW
        ),
        text.delete,
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()


# --- Deleting -------------------------------------------------------------------------------------
def test_messages_are_deleted_when_they_were_promised_to_be(client, contact, capsys, clock):
    post(client, contact)
    assert forget_due(at=NOW + timedelta(days=179)) == 0
    clock.shift(timedelta(days=180))

    call_command("forget_enquiries", "--dry-run")
    assert capsys.readouterr().out == "Contact: 1\nNothing was deleted.\n"
    assert Enquiry.objects.exists()
    call_command("forget_enquiries")

    assert capsys.readouterr().out == "Deleted 1.\n"
    assert not Enquiry.objects.exists()
    assert not Message.objects.exists(), "the mails kept the address"


def test_a_mail_about_a_deleted_message_is_not_sent(client, contact):
    post(client, contact)
    Enquiry.objects.all().delete()

    assert send_due(at=NOW) == 0
    assert set(Message.objects.values_list("dropped_because", flat=True)) == {
        "It was deleted before the mail went."
    }


def test_a_form_goes_with_all_that_was_sent(client, contact):
    post(client, contact)

    contact.delete()

    assert not Enquiry.objects.exists()
    assert not ConsentText.objects.exists()


# --- The admin ------------------------------------------------------------------------------------
def test_editors_read_filter_and_export_what_was_sent(client, editor, contact):
    post(client, contact)
    post(client, contact, your_name="=1+1", your_message="About a gift")
    address = f"/admin/forms/submissions/{contact.pk}/"

    html = client.get(address).content.decode()
    assert "Ola Nowak" in html
    assert "Version 1" in html
    assert "Personal data" in html
    found = client.get(address, {"words": "gift"}).content.decode()
    assert "About a gift" in found
    assert "Ola Nowak" not in found
    exported = client.get(address, {"export": "csv"})
    rows = list(csv.DictReader(StringIO(b"".join(exported.streaming_content).decode())))
    assert {row["Your name"] for row in rows} == {"Ola Nowak", "'=1+1"}


def test_who_may_not_edit_the_form_reads_nothing(client, contact, django_user_model):
    client.force_login(django_user_model.objects.create(email="ola@example.com"))

    assert client.get(f"/admin/forms/submissions/{contact.pk}/").status_code in (302, 403)


def test_an_editor_opens_and_previews_a_form(client, editor, contact):
    assert client.get(f"/admin/pages/{contact.pk}/edit/").status_code == 200
    preview = f"/admin/pages/{contact.pk}/view_draft/"

    assert "Your name" in client.get(preview).content.decode()


# --- The API --------------------------------------------------------------------------------------
def api_values(**changed):
    values = {name: SENT[name] for name in SENT if name not in ("consent", "website")}
    return values | changed


def api_send(client, page, *, values=None, **changed):
    body = {"values": values or api_values(), "consent": True, "website": ""}
    body |= guards_of(page, at=NOW - timedelta(seconds=10)) | changed
    return client.post(f"/api/v1/content/forms/{page.pk}/", body, content_type="application/json")


def test_a_front_end_draws_a_form_and_sends_it(client, contact, clock):
    forms = client.get("/api/v1/content/forms/").json()
    assert [form["title"] for form in forms] == ["Contact", "Massage at your race"]
    form = client.get(f"/api/v1/content/forms/{contact.pk}/").json()
    assert form["fields"][3]["choices"][0] == "A session"
    clock.shift(5)

    answer = api_send(client, contact, opened=form["opened"], consent_seen=form["consent"]["seen"])

    assert (answer.status_code, answer.json()["title"]) == (201, "Thank you")
    assert Enquiry.objects.get().consent.text == form["consent"]["text"]


@pytest.mark.parametrize(
    ("changed", "place", "words"),
    [
        ({"values": api_values(your_email="ola")}, ["body", "values", "your_email"], "typo"),
        ({"values": api_values(shoe="44")}, ["body", "values", "shoe"], "no such field"),
        ({"consent": False}, ["body", "consent"], "tick this"),
        ({"consent_seen": "old"}, ["body", "consent"], "changed"),
        ({"opened": ""}, ["body"], "faster"),
        ({"website": "x"}, ["body"], "do not see"),
        ({"colour": "red"}, ["body", "colour"], "Nobody reads this"),
    ],
)
def test_a_front_end_is_told_which_field(client, contact, changed, place, words):
    answer = api_send(client, contact, **changed)

    assert answer.status_code in (400, 422)
    [error] = answer.json()["errors"]
    assert error["loc"] == place
    assert words in error["msg"]
    assert not Enquiry.objects.exists()


def test_the_api_has_the_same_limit(client, contact):
    for _ in range(5):
        assert api_send(client, contact).status_code == 201

    assert api_send(client, contact).json()["code"] == "too_many_requests"


def test_an_unbound_form_has_no_errors(contact):
    assert not form_of(contact, None, at=NOW).errors
