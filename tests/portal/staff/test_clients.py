"""What staff know about a client: notes, flags, doubles; each read by whom it is for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, ClientNote
from accounts.noting import NoteError, edit_note, withdraw_note, write_note
from accounts.roles import BOOKKEEPERS, FRONT_DESK, MANAGERS, THERAPISTS
from tests.builders import NOON, make_order, make_runner
from tests.portal.staff.conftest import in_group, signed_in
from tests.scheduling.builders import TUESDAY_9, book, make_credits, make_runner_with_credits

AUDIENCES = ("team", "desk", "therapists", "managers")


def test_a_note_is_read_by_whom_it_is_for(practice):
    ana = make_runner_with_credits(practice=practice)
    book(practice, ana, TUESDAY_9, therapist=practice.imre)
    practice.imre.user = in_group(THERAPISTS)
    practice.imre.save()
    people = {
        "team desk": in_group(FRONT_DESK),
        "team therapists": practice.imre.user,
        "": in_group(BOOKKEEPERS),
        "team desk therapists managers": in_group(MANAGERS),
    }
    author = in_group(MANAGERS)
    for audience in AUDIENCES:
        write_note(client=ana, text=f"For {audience}", audience=audience, by=author, at=NOON)

    for seen, person in people.items():
        client = signed_in(person)
        page = client.get(f"/staff/runners/{ana.public_id}/").content.decode()
        told = client.get(f"/api/v1/staff/clients/{ana.public_id}/").json()
        for audience in AUDIENCES:
            assert (f"For {audience}" in page) == (audience in seen.split()), (seen, audience)
        assert {one["audience"] for one in told["notes"]} == set(seen.split())


def test_a_note_is_changed_by_its_author_for_a_day_and_what_it_said_is_kept(manager, db):
    ana, dee, max_ = make_runner(), in_group(FRONT_DESK), in_group(MANAGERS)
    desk = signed_in(dee)
    desk.post(f"/staff/runners/{ana.public_id}/notes/", {"text": "Likes tea", "audience": "desk"})
    note = ClientNote.objects.get()
    changed = {"text": "Likes coffee", "audience": "team"}

    assert (
        "Changed."
        in desk.post(f"/staff/notes/{note.public_id}/", changed, follow=True).content.decode()
    )
    page = manager.get(f"/staff/runners/{ana.public_id}/").content.decode()
    assert "Likes coffee" in page
    assert "Likes tea" in page
    assert "Likes tea" not in desk.get(f"/staff/runners/{ana.public_id}/").content.decode()

    late = timezone.now() + timedelta(hours=25)
    for act in (
        lambda: edit_note(note=note, text="x", audience="team", by=max_, at=timezone.now()),
        lambda: edit_note(note=note, text="x", audience="team", by=dee, at=late),
        lambda: withdraw_note(note=note, by=dee, at=late),
    ):
        with pytest.raises(NoteError):
            act()
    withdraw_note(note=note, by=max_, at=late)
    assert "Likes coffee" not in desk.get(f"/staff/runners/{ana.public_id}/").content.decode()
    assert "Likes coffee" in manager.get(f"/staff/runners/{ana.public_id}/").content.decode()


def test_flags_hold_at_once_and_she_reads_nothing_of_them(desk, practice):
    ana = make_runner_with_credits(practice=practice)
    own = signed_in(ana)
    session = book(practice, ana, TUESDAY_9)
    flags = {"must_call": "on", "must_prepay": "on", "alert": "Brings a dog"}

    desk.post(f"/staff/runners/{ana.public_id}/flags/", flags)

    day = f"/staff/day/?day={TUESDAY_9:%Y-%m-%d}"
    for address in (
        f"/staff/runners/{ana.public_id}/",
        f"/staff/bookings/{session.public_id}/",
        f"/staff/walk-in/?runner={ana.public_id}",
        day,
    ):
        assert "Brings a dog" in desk.get(address).content.decode(), address
    for address in ("/account/", f"/api/v1/bookings/{session.public_id}/"):
        assert "dog" not in own.get(address).content.decode()
    cleared = desk.put(
        f"/api/v1/staff/clients/{ana.public_id}/flags/",
        {"must_call": False, "must_prepay": False, "alert": ""},
        content_type="application/json",
    )
    assert cleared.json() == {"must_call": False, "must_prepay": False, "alert": ""}
    assert "Brings a dog" not in desk.get(day).content.decode()


def test_the_trail_knows_of_notes_and_flags_and_no_word_of_them(desk, manager, db):
    ana = make_runner()
    page = f"/staff/runners/{ana.public_id}/"
    desk.post(f"{page}notes/", {"text": "Snores", "audience": "team"})
    note = f"/staff/notes/{ClientNote.objects.get().public_id}/"
    desk.post(note, {"text": "Snores loudly", "audience": "desk"})
    desk.post(f"{note}withdrawal/")
    for _again in range(2):
        desk.post(f"{page}flags/", {"must_call": "on", "must_prepay": "on", "alert": "Snores"})
    desk.post(f"{page}flags/", {"must_prepay": "on"})

    trail = AuditEntry.objects.filter(runner=ana.public_id, action__startswith="clients.")
    assert [(one.action, one.before, one.after) for one in trail.order_by("pk")] == [
        ("clients.note_written", {}, {"audience": "team"}),
        ("clients.note_edited", {"audience": "team"}, {"audience": "desk"}),
        ("clients.note_withdrawn", {}, {}),
        (
            "clients.flagged",
            {"must_call": False, "must_prepay": False, "alert": "none"},
            {"must_call": True, "must_prepay": True, "alert": "set"},
        ),
        (
            "clients.flagged",
            {"must_call": True, "alert": "set"},
            {"must_call": False, "alert": "none"},
        ),
    ]
    assert "Snores" not in str(list(trail.values()))
    history = manager.get(f"/staff/audit/?person={ana.public_id}").content.decode()
    assert f"/staff/audit/?person={ana.public_id}" in manager.get(page).content.decode()
    assert "Clients: note withdrawn" in history
    assert "/staff/audit/" not in desk.get(page).content.decode()


def test_who_must_prepay_is_not_booked_on_trust(desk, practice):
    ana = make_runner()
    flags = {"must_call": False, "must_prepay": True}
    desk.put(f"/api/v1/staff/clients/{ana.public_id}/flags/", flags, "application/json")
    wanted = {
        "runner": str(ana.public_id),
        "variant": practice.sports_60.code,
        "location": practice.location.code,
        "starts_at": TUESDAY_9.isoformat(),
    }

    def booked():
        return desk.post("/api/v1/staff/bookings/", wanted, "application/json")

    refused = booked()
    assert (refused.status_code, refused.json()["code"]) == (409, "prepay_required")
    make_credits(ana, practice=practice)
    assert booked().status_code == 201


def test_two_accounts_are_compared_merged_and_parted_again(manager, db):
    ana = make_runner("ana.ortiz@example.org", name="Ana Ortiz")
    double = make_runner("anaortiz@example.org", name="Ana O")
    order = make_order(double)
    page = f"/staff/runners/{ana.public_id}/"
    assert "Perhaps here twice" in manager.get(page).content.decode()
    assert "Compare and merge" in manager.get("/staff/duplicates/").content.decode()
    compare = f"{page}merge/?other={double.public_id}"
    assert "1 order" in manager.get(compare).content.decode()

    sent = {"other": double.public_id, "why": ""}
    assert manager.post(compare, sent).status_code == 422
    manager.post(compare, sent | {"why": "Asked her"})

    order.refresh_from_db()
    assert order.buyer == ana
    old = manager.get(f"/staff/runners/{double.public_id}/")
    assert old.headers["Location"] == page
    read = manager.get(f"/api/v1/staff/clients/{double.public_id}/").json()
    assert read["id"] == str(ana.public_id)
    shown = manager.get(page).content.decode()
    assert "Asked her" in shown
    undoing = shown.split("/staff/merges/")[1].split("/")[0]
    manager.post(f"/staff/merges/{undoing}/undoing/")
    order.refresh_from_db()
    assert order.buyer == double
    assert "Undone by" in manager.get(page).content.decode()


def test_the_search_is_on_every_staff_page_and_costs_the_same_for_many(
    desk, django_assert_max_num_queries, db
):
    assert "data-find" in desk.get("/staff/day/").content.decode()
    for number in range(30):
        make_order(make_runner(f"busy{number}@example.org", name=f"Busy {number}"))

    with django_assert_max_num_queries(13):  # three find them, ten know who asks
        page = desk.get("/staff/runners/?q=busy")
    assert len(page.context["table"].rows) == 30
    found = desk.get("/api/v1/staff/clients/?q=busy1@example.org").json()
    assert [one["name"] for one in found] == ["Busy 1"]
