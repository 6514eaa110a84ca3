"""The questions on the runner's pages, in the API, and what staff see and do about them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.answering import latest_answers
from accounts.health_data import reads_of
from accounts.intake_forms import IntakeForm
from accounts.intake_publishing import draft_from, publish
from accounts.models import AuditEntry, IntakeAnswers, TreatmentNote
from accounts.roles import BOOKKEEPERS, FRONT_DESK, MANAGERS, THERAPISTS
from accounts.talking import is_asked_to_talk
from tests.accounts.intake import CLOT, MORE, answered, key_of, questions_in_force
from tests.builders import make_runner, make_staff
from tests.portal.account.test_account import book, bought
from tests.practice import open_practice

pytestmark = pytest.mark.django_db
INTAKE, ANSWERS = "/account/intake/", "/account/intake/answers/"


@pytest.fixture
def practice():
    return open_practice()


@pytest.fixture
def ana():
    return make_runner("ana@example.org", "Ana Ortiz")


@pytest.fixture
def her(ana):
    return _signed_in(ana)


@pytest.fixture
def form():
    return questions_in_force(make_staff(), at=_now())


def _now():
    return datetime.now(UTC)


def _signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _staff(role, name) -> Client:
    user = make_staff(name=name)
    user.groups.add(Group.objects.get(name=role))
    return _signed_in(user)


def _therapist(therapist) -> Client:
    client = _staff(THERAPISTS, therapist.name)
    therapist.user_id = int(client.session["_auth_user_id"])
    therapist.save()
    return client


def _sent(form, *, clot="No", more="Sore calves.", **changed):
    typed = {f"q-{key_of(form, CLOT)}": clot, f"q-{key_of(form, MORE)}": more, "agrees": "on"}
    return {"version": str(form.version), **typed} | changed


def test_she_is_asked_after_booking_and_on_her_account_until_it_is_done(practice, ana, her, form):
    assert "A few questions" not in her.get("/account/").content.decode(), "nothing is booked"
    bought(practice, ana)
    booking = book(practice, ana)
    booked = reverse("scheduling:booked", args=[booking.public_id])
    for page in ("/account/", booked):
        assert f'href="{ANSWERS}"' in her.get(page).content.decode(), page
    assert "Not answered yet" in her.get(INTAKE).content.decode()

    assert CLOT in her.get(ANSWERS).content.decode()
    assert her.post(ANSWERS, _sent(form))["Location"] == INTAKE
    for page in ("/account/", booked):
        assert "A few questions" not in her.get(page).content.decode()
    shown = her.get(INTAKE).content.decode()
    assert "Sore calves." in shown
    assert "Nobody has opened it yet." in shown
    assert "Sore calves." in her.get(ANSWERS).content.decode(), "offered again for a correction"


def test_a_mistake_loses_nothing_and_stores_nothing(her, form):
    page = her.post(ANSWERS, _sent(form, clot="", agrees=""))

    said = page.content.decode()
    assert page.status_code == 422
    assert "Sore calves." in said
    assert "Please choose one." in said
    assert "We may only keep your answers if you agree to it." in said
    assert not IntakeAnswers.objects.exists()
    assert "no-store" in page["Cache-Control"]


def test_questions_replaced_while_she_typed_are_shown_with_what_she_typed(ana, her, form):
    second = publish(form=draft_from(form), by=ana, at=_now())

    page = her.post(ANSWERS, _sent(form))
    assert "The questions have changed meanwhile." in page.content.decode()
    assert "Sore calves." in page.content.decode()
    assert her.post(ANSWERS, _sent(second)).status_code == 302


def test_an_answer_that_asks_for_a_call_says_so_kindly_and_staff_release_it(practice, ana, form):
    her = _signed_in(ana)
    bought(practice, ana)
    book(practice, ana)
    said = her.post(ANSWERS, _sent(form, clot="Yes"), follow=True).content.decode()
    assert "Please call us before you book" in said
    assert "Please call us before you book" in her.get("/account/").content.decode()

    talk = reverse("staff:talk", args=[ana.public_id])
    assert _staff(FRONT_DESK, "Dee").post(talk).status_code == 403
    assert _therapist(practice.sana).post(talk).status_code == 404, "not hers"
    assert is_asked_to_talk(ana)
    assert _therapist(practice.imre).post(talk).status_code == 302
    assert not is_asked_to_talk(ana)
    answered(form, ana, at=_now() + timedelta(days=400), clot="Yes")
    assert _staff(MANAGERS, "Max").post(f"/api/v1{_api_talk(ana)}").status_code == 204
    assert not is_asked_to_talk(ana)


def _api_talk(ana):
    return f"/staff/runners/{ana.public_id}/talk/"


def test_the_desk_sees_how_far_it_is_and_a_therapist_of_hers_every_word(practice, ana, form):
    bought(practice, ana)
    booking = book(practice, ana)
    pages = [
        reverse("staff:booking", args=[booking.public_id]),
        f"{reverse('staff:day')}?day={booking.starts_local:%Y-%m-%d}",
    ]
    health = reverse("staff:health", args=[ana.public_id])
    desk, imre, sana = (
        _staff(FRONT_DESK, "Dee"),
        _therapist(practice.imre),
        _therapist(practice.sana),
    )
    for page in pages:
        assert "Questions not done" in desk.get(page).content.decode(), page
    answered(form, ana, at=_now())
    for page in pages:
        said = desk.get(page).content.decode()
        assert "Please read the answers" in said, page
        assert "Sore calves." not in said + health
        assert health not in said
    for client, status in (
        (desk, 403),
        (_staff(BOOKKEEPERS, "Bo"), 403),
        (_staff(MANAGERS, "Max"), 403),
        (sana, 404),
    ):
        assert client.get(health).status_code == status
    assert not reads_of(ana), "who was refused has read nothing"

    assert health in imre.get(pages[0]).content.decode()
    assert "Sore calves." in imre.get(health).content.decode()
    [read] = reads_of(ana)
    assert read.who == practice.imre.name
    assert practice.imre.name in _signed_in(ana).get(INTAKE).content.decode()
    assert "Questions answered" in desk.get(pages[0]).content.decode()


def test_a_note_needs_her_consent_and_a_session_with_her(practice, ana, form):
    bought(practice, ana)
    booking = book(practice, ana)
    note = reverse("staff:session_note", args=[booking.public_id])
    imre = _therapist(practice.imre)
    refused = imre.post(note, {"words": "Left calf, tender."})
    assert refused.status_code == 422
    assert "have not agreed" in refused.content.decode()
    assert "Left calf, tender." in refused.content.decode(), "nothing typed is lost"
    assert _therapist(practice.sana).post(note, {"words": "Hm."}).status_code == 404

    answered(form, ana, at=_now())
    assert imre.get(note).status_code == 200
    assert imre.post(note, {"words": ""}).status_code == 422
    shown = imre.post(note, {"words": "Left calf, tender."}, follow=True).content.decode()
    assert "Left calf, tender." in shown
    assert TreatmentNote.objects.get().session == booking.public_id


def test_she_takes_it_back_and_everything_is_deleted(ana, her, form):
    her.post(ANSWERS, _sent(form))

    said = her.post("/account/intake/withdrawal/", follow=True).content.decode()
    assert "are deleted" in said
    assert not IntakeAnswers.objects.exists()
    assert "Not answered yet" in said


def test_the_same_by_api(practice, ana, form):
    her, imre = _signed_in(ana), _therapist(practice.imre)
    bought(practice, ana)
    booking = book(practice, ana)
    asked = her.get("/api/v1/me/intake/").json()
    assert (asked["state"], asked["call_first"], asked["answers"]) == ("not_done", False, [])
    assert asked["questions"]["questions"][0]["options"] == ["Yes", "No"]
    clot, more = key_of(form, CLOT), key_of(form, MORE)
    body = {"version": form.version, "answers": {clot: "Yes", more: "Sore."}, "agrees": True}

    def send(changed, client=her, path="/api/v1/me/intake/answers/"):
        return client.post(path, body | changed, content_type="application/json")

    assert send({"agrees": False}).json()["code"] == "nothing_agreed"
    assert send({"version": 99}).json()["code"] == "form_replaced"
    refused = send({"answers": {clot: "Perhaps"}})
    assert refused.status_code == 422
    assert [one["loc"][-1] for one in refused.json()["errors"]] == [clot]
    assert send({}).json() == {"state": "done", "call_first": True}

    health = f"/api/v1/staff/runners/{ana.public_id}/health/"
    assert _therapist(practice.sana).get(health).status_code == 404
    note = f"/api/v1/staff/bookings/{booking.public_id}/note/"
    kept = imre.post(note, {"words": "Tender."}, content_type="application/json")
    assert list(kept.json()) == ["id"]
    file = imre.get(health).json()
    assert file["answers"][0]["answers"][2]["words"] == "Sore."
    assert file["notes"][0]["words"] == "Tender."
    assert her.get("/api/v1/me/intake/").json()["read_by"][0]["who"] == practice.imre.name
    assert her.post("/api/v1/me/intake/withdrawal/").json()["state"] == "not_done"
    assert latest_answers(ana) is None


def test_the_practice_writes_a_form_without_code(form):
    manager = _staff(MANAGERS, "Max")
    listed = manager.get("/admin/questions/").content.decode()
    assert "Before you come, version 1" in listed
    assert manager.get(f"/admin/questions/edit/{form.pk}/").status_code == 302, "never changed"

    made = manager.post(f"/admin/questions/draft/{form.pk}/")
    draft = IntakeForm.objects.drafts().get(title=form.title)
    assert made["Location"].endswith(f"/edit/{draft.pk}/")
    page = manager.get(made["Location"])
    assert page.status_code == 200
    changed = _admin_form(draft) | {"questions-0-words": "Have you ever had a thrombosis?"}
    assert manager.post(made["Location"], changed).status_code == 302
    preview = manager.get(f"/admin/questions/preview/{draft.pk}/").content.decode()
    assert "Have you ever had a thrombosis?" in preview
    assert manager.get(f"/admin/questions/in-force/{draft.pk}/").status_code == 200
    manager.post(f"/admin/questions/in-force/{draft.pk}/")
    draft.refresh_from_db()
    assert draft.version == form.version + 1
    assert AuditEntry.objects.filter(action="intake.published", key="2").exists()
    assert _staff(FRONT_DESK, "Dee").post(f"/admin/questions/draft/{form.pk}/").status_code != 200
    assert IntakeForm.objects.filter(title=form.title).count() == 2


def _admin_form(draft):
    sent = {
        "title": draft.title,
        "introduction": "",
        "consent_text": draft.consent_text,
        "questions-TOTAL_FORMS": "3",
        "questions-INITIAL_FORMS": "3",
        "questions-MIN_NUM_FORMS": "0",
        "questions-MAX_NUM_FORMS": "1000",
    }
    for place, one in enumerate(draft.all_questions):
        prefix = f"questions-{place}"
        sent |= {
            f"{prefix}-id": str(one.pk),
            f"{prefix}-ORDER": str(place + 1),
            f"{prefix}-DELETE": "",
            f"{prefix}-words": one.words,
            f"{prefix}-kind": one.kind,
            f"{prefix}-help_text": one.help_text,
            f"{prefix}-choices": one.choices,
            f"{prefix}-stops_booking": one.stops_booking,
            **({f"{prefix}-is_required": "on"} if one.is_required else {}),
        }
    return sent
