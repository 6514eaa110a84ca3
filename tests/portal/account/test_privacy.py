"""Data and privacy on the account page, and the same by API (G2, G6, R10)."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts import auditing
from accounts.consent_texts import MARKETING, is_on
from accounts.consents import Purpose
from accounts.erasing import erase_due, open_request
from accounts.fresh import FRESH_FOR
from accounts.intake_publishing import draft_from, publish
from accounts.merging import merge_people
from accounts.roles import MANAGERS
from tests.accounts.intake import NOW, answered, questions_in_force
from tests.builders import NOON, make_goodwill, make_runner, make_staff
from tests.portal.staff.conftest import in_group
from tests.second_factor import proved_just_now

PAGE = "/account/privacy/"
LEAVE = f"{PAGE}deletion/"


@pytest.fixture
def ana(db):
    return make_runner("ana@example.org", "Ana Ortiz")


@pytest.fixture
def her(ana) -> Client:
    return proved_just_now(Client(), ana)


def test_the_page_says_what_is_kept_who_read_and_how_to_leave(her, ana):
    therapist = make_staff(name="Imre Bak")
    auditing.record(
        "health.read",
        by=therapist,
        at=datetime.now(UTC),
        about="user",
        key=str(ana.public_id),
        runner=ana,
    )

    page = her.get(PAGE).content.decode()

    for words in (
        "Orders, payments, credits",
        "ten years",
        "Imre Bak",
        "Download my data",
        "Delete my account",
        MARKETING.text,
        "Nothing decided so far",
    ):
        assert words in page


def test_a_yes_and_a_no_are_kept_with_their_words(her, ana):
    her.post("/account/preferences/", {"marketing": "on", "credit_notices": "on"})
    page = her.get(PAGE).content.decode()
    assert MARKETING.version in page
    assert "On the account page" in page

    her.post("/account/preferences/", {})
    assert not is_on(ana, Purpose.MARKETING)
    assert not is_on(ana, Purpose.CREDIT_NOTICES)
    assert sorted(ana.consents.values_list("purpose", "granted")) == [
        ("credit_notices", False),
        ("marketing", False),
        ("marketing", True),
    ]


def test_health_is_shown_with_the_words_that_are_agreed_to(her, ana):
    def health() -> dict:
        choices = as_json(her, "get", "consents/").json()["choices"]
        return next((one for one in choices if one["purpose"] == "health"), {})

    assert not health(), "nobody is asked while no questions are in force"
    form = questions_in_force(make_staff())
    answered(form, ana)
    draft = draft_from(form)
    draft.consent_text = "You may keep this for a year."
    draft.save()
    assert health()["text"] == form.consent_text
    newer = publish(form=draft, by=make_staff("m@example.org"), at=NOW + timedelta(days=1))

    shown = health()
    assert (shown["version"], shown["text"]) == (newer.text_version, newer.consent_text)
    assert shown["is_on"], "agreed to the words before"
    page = her.get(PAGE).content.decode()
    assert newer.consent_text in page
    assert form.consent_text in page, "what she agreed to stays among the decisions"


def test_her_data_in_one_click(her, ana):
    response = her.post(f"{PAGE}export/")

    assert response["Content-Disposition"].startswith('attachment; filename="your-data-')
    assert "no-store" in response["Cache-Control"]
    pack = zipfile.ZipFile(io.BytesIO(response.content))
    assert b"ana@example.org" in pack.read("everything.json")


def test_who_has_a_password_shows_it_again(ana):
    ana.set_password("a long enough passphrase")
    ana.save()
    client = proved_just_now(Client(), ana, seconds_ago=FRESH_FOR + 1)

    response = client.post(f"{PAGE}export/")

    assert response.url.startswith("/accounts/reauthenticate/")


def test_leaving_says_what_happens_and_asks_for_the_word(her, ana):
    page = her.get(LEAVE).content.decode()
    for words in ("receipts stay", "twelve hours", "join again"):
        assert words in page

    refused = her.post(LEAVE, {"typed": "yes"})
    assert refused.status_code == 422
    assert "Type the word" in refused.content.decode()

    done = her.post(LEAVE, {"typed": " Delete "}, follow=True).content.decode()
    assert "Your account will be deleted" in done
    assert open_request(ana) is not None

    kept = her.post(f"{LEAVE}end/", follow=True).content.decode()
    assert "Your account stays" in kept
    assert open_request(ana) is None


def test_credits_are_named_and_have_to_be_ticked(her, ana):
    make_goodwill(ana, units=2)
    assert "2 credits left" in her.get(LEAVE).content.decode()

    refused = her.post(LEAVE, {"typed": "delete"})
    assert refused.status_code == 422
    assert "2 credits are left" in refused.content.decode()

    her.post(LEAVE, {"typed": "delete", "gives_up_credits": "on"})
    assert open_request(ana).credits_given_up == 2


def test_after_it_happened_the_browser_is_signed_out(her, ana):
    her.post(LEAVE, {"typed": "delete"})
    erase_due(at=datetime.now(UTC) + timedelta(hours=13))

    assert her.get(PAGE).status_code == 302


# by API ------------------------------------------------------------------------------------
def as_json(client, method, path, **body):
    send = getattr(client, method)
    return send(f"/api/v1/me/{path}", body or None, content_type="application/json")


def test_the_same_by_api(her, ana):
    told = as_json(her, "put", "consents/marketing/", agrees=True).json()
    assert told["decisions"][0] | {"at": ""} == {
        "purpose": "News and offers",
        "granted": True,
        "version": MARKETING.version,
        "text": MARKETING.text,
        "channel": "By an app",
        "at": "",
        "who": "",
    }
    assert as_json(her, "put", "consents/health/", agrees=True).status_code == 404
    assert as_json(her, "get", "consents/").json()["choices"][0]["is_on"]

    data = as_json(her, "post", "export/").json()
    assert data["tables"]["accounts_user"][0]["email"] == "ana@example.org"
    file = as_json(her, "post", "export/?file=true")
    assert zipfile.is_zipfile(io.BytesIO(file.content))

    assert as_json(her, "post", "erasure/", confirm="yes").status_code == 422
    make_goodwill(ana)
    refused = as_json(her, "post", "erasure/", confirm="delete")
    assert (refused.status_code, refused.json()["code"]) == (409, "erasure_refused")
    asked = as_json(her, "post", "erasure/", confirm="delete", gives_up_credits=True)
    assert asked.status_code == 201
    assert asked.json()["due_at"]
    assert as_json(her, "delete", "erasure/").status_code == 204
    assert as_json(her, "get", "erasure/").json()["due_at"] is None


def test_an_id_of_before_a_merge_finds_who_was_kept(ana):
    manager, former = in_group(MANAGERS), make_runner("a.na@example.org", "Ana O.")
    merge_people(kept=ana, absorbed=former, why="Told us", by=manager, at=NOON)
    staff = proved_just_now(Client(), manager)

    shown = staff.get(f"/staff/runners/{former.public_id}/privacy/")
    by_api = staff.post(f"/api/v1/staff/runners/{former.public_id}/export/")

    assert "Data and privacy of <bdi>Ana Ortiz</bdi>" in shown.content.decode()
    assert by_api.json()["person"] == str(ana.public_id)
    nobody = "00000000-0000-4000-8000-000000000000"
    assert staff.get(f"/staff/runners/{nobody}/privacy/").status_code == 404
    assert staff.get(f"/api/v1/staff/runners/{nobody}/erasure/").status_code == 404
