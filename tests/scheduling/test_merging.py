"""Two accounts of one person become one, and can be two again (R7)."""

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import ForeignKey, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import merge_table
from accounts.consenting import give, has_given, withdraw
from accounts.consents import Channel, Purpose
from accounts.duplicates import duplicates, duplicates_of
from accounts.flagging import flag_client
from accounts.health import TreatmentNote
from accounts.joining import find_or_add
from accounts.merging import (
    MergeError,
    find_person,
    merge_people,
    merges_of,
    refusals,
    undo_merge,
    what_moves,
)
from accounts.models import AuditEntry, ClientFlags, MergedRow, User
from accounts.noting import write_note
from payments.crediting import CreditError
from payments.models import CreditEntry, CreditLot, JournalLine, Order, PaymentAttempt
from scheduling.cancelling import cancel_booking
from scheduling.errors import BookingError
from scheduling.models import Booking
from tests.builders import NOON, make_order, make_runner, make_staff
from tests.portal.staff.conftest import in_group
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY_9,
    TUESDAY_11,
    book,
    hold,
    make_credits,
    make_practice,
)

ALL_OWN = (
    merge_table.MOVED
    | merge_table.MOVED_WHERE_FREE
    | merge_table.MOVED_WHERE_ROOM
    | merge_table.MERGED_BY_HAND
)
LATER = A_WEEK_BEFORE + timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def two(db):
    return make_runner("ana@example.org"), make_runner("a.na@example.com")


def merge(kept, absorbed, at=LATER):
    return merge_people(kept=kept, absorbed=absorbed, why="Told us", by=make_staff(), at=at)


def owned(person) -> dict:
    """Everything that names a person as its own, by what the table says of it."""
    found = {}
    for path in ALL_OWN:
        label, _, field = path.rpartition(".")
        rows = apps.get_model(label)._base_manager.filter(**{field: person})
        found[path] = sorted(rows.values_list(flat=False), key=str)
    return found


def ledgers() -> tuple:
    """Every word of the ledgers, and their sums."""
    return (
        list(CreditEntry.objects.order_by("pk").values()),
        list(JournalLine.objects.order_by("pk").values()),
        CreditEntry.objects.aggregate(Sum("units"), Sum("value_minor")),
        Order.objects.aggregate(Sum("total_minor")),
    )


def test_every_relation_to_a_person_says_what_a_merge_does_to_it():
    said = [
        merge_table.MOVED,
        merge_table.MOVED_WHERE_FREE,
        merge_table.MOVED_WHERE_ROOM,
        merge_table.MERGED_BY_HAND,
        merge_table.KEPT,
        merge_table.REFUSED,
    ]
    known = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label not in merge_table.OF_EDITORS
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model is User
    }

    assert known == set().union(*said), "Say in accounts/merge_table.py what becomes of it."
    assert sum(map(len, said)) == len(known), "Each is said once."


def test_all_she_owns_changes_hands_and_comes_back_exactly(two):
    kept, absorbed = two
    practice = make_practice()
    by = in_group("Managers")
    make_credits(absorbed, practice=practice)
    make_credits(kept, practice=practice)
    booking = book(practice, absorbed, TUESDAY_9)
    order = make_order(absorbed)
    write_note(client=absorbed, text="Prefers mornings", audience="team", by=by, at=LATER)
    flag_client(client=absorbed, must_call=True, must_prepay=True, alert="Dog", by=by, at=LATER)
    EmailAddress.objects.create(user=absorbed, email=absorbed.email, verified=True, primary=True)
    words = {"text_version": "1", "text": "News", "channel": Channel.DESK, "by": by}
    give(kept, Purpose.MARKETING, at=NOON, **words)
    withdraw(absorbed, Purpose.MARKETING, channel=Channel.DESK, by=by, at=LATER)
    before = owned(kept), owned(absorbed), ledgers()
    shown = what_moves(kept=kept, absorbed=absorbed)

    done = merge(kept, absorbed)

    booking.refresh_from_db()
    order.refresh_from_db()
    absorbed.refresh_from_db()
    assert (booking.runner, order.buyer) == (kept, kept)
    assert CreditLot.objects.of(kept).count() == 2
    assert {one.label for one in shown} >= {"payments.CreditLot.owner", "payments.Order.buyer"}
    assert "client note" in {one.name for one in shown}, "There is one."
    assert ClientFlags.objects.get(client=kept).alert == "Dog"
    assert find_person(absorbed.public_id) == kept
    assert EmailAddress.objects.get(email=absorbed.email).user == kept
    assert not absorbed.is_active
    assert not has_given(kept, Purpose.MARKETING), "what she said last holds"
    assert ledgers() == before[2]
    assert AuditEntry.objects.filter(action="clients.merged", runner=kept.public_id).exists()

    undo_merge(merge=done, by=by, at=LATER + timedelta(days=6))

    assert (owned(kept), owned(absorbed), ledgers()) == before
    absorbed.refresh_from_db()
    assert absorbed.is_active
    assert find_person(absorbed.public_id) == absorbed


@pytest.mark.parametrize("no_first", [True, False])
@pytest.mark.parametrize("kept_says_no", [True, False])
def test_of_a_yes_and_a_no_the_no_holds_and_undoing_gives_back_both(two, no_first, kept_says_no):
    kept, absorbed = two
    by = in_group("Managers")
    no, yes = (kept, absorbed) if kept_says_no else (absorbed, kept)
    early, late = (NOON, LATER) if NOON < LATER else (LATER, NOON)
    no_at, yes_at = (early, late) if no_first else (late, early)
    words = {"text_version": "1", "text": "Words", "channel": Channel.DESK, "by": by}
    for purpose in (Purpose.MARKETING, Purpose.HEALTH):
        withdraw(no, purpose, channel=Channel.DESK, by=by, at=no_at)
        give(yes, purpose, at=yes_at, **words)
    give(absorbed, Purpose.CREDIT_NOTICES, at=early, **words)
    TreatmentNote.objects.create(
        person=yes,
        session=uuid4(),
        words="Left knee",
        written_by=by.public_id,
        written_at=late,
        delete_on=late.date() + timedelta(days=90),
    )
    before = owned(kept), owned(absorbed)
    at = late + timedelta(hours=1)

    done = merge(kept, absorbed, at=at)

    assert not has_given(kept, Purpose.MARKETING)
    assert not has_given(kept, Purpose.HEALTH)
    assert has_given(kept, Purpose.CREDIT_NOTICES), "nobody said no to these"
    assert not TreatmentNote.objects.exists(), "what rested on the yes is forgotten"
    undo_merge(merge=done, by=by, at=at)
    notes = "accounts.TreatmentNote.person"
    assert (owned(kept), owned(absorbed)) == tuple(one | {notes: []} for one in before)


def test_flags_of_both_hold_and_undoing_gives_each_her_own(two):
    kept, absorbed = two
    by = in_group("Managers")
    flag_client(client=kept, must_call=False, must_prepay=False, alert="Deaf", by=by, at=NOON)
    flag_client(client=absorbed, must_call=False, must_prepay=True, alert="Dog", by=by, at=NOON)
    before = owned(kept), owned(absorbed)

    done = merge(kept, absorbed)

    flags = ClientFlags.objects.get(client=kept)
    assert (flags.must_prepay, flags.alert) == (True, "Deaf / Dog")
    undo_merge(merge=done, by=by, at=LATER)
    assert (owned(kept), owned(absorbed)) == before


def test_long_alerts_both_keep_their_beginning(two):
    kept, absorbed = two
    by = in_group("Managers")
    for client, letter in ((kept, "a"), (absorbed, "b")):
        alert = letter * 200
        flag_client(client=client, must_call=False, must_prepay=False, alert=alert, by=by, at=NOON)

    merge(kept, absorbed)

    assert ClientFlags.objects.get(client=kept).alert == f"{'a' * 98} / {'b' * 98}"


@pytest.mark.parametrize("kept_typed_it", [True, False])
def test_she_signs_in_by_an_address_that_was_proven_on_either_account(two, kept_typed_it):
    kept, absorbed = two
    EmailAddress.objects.create(user=absorbed, email=absorbed.email, verified=True, primary=True)
    if kept_typed_it:
        EmailAddress.objects.create(user=kept, email=absorbed.email, verified=False)

    done = merge(kept, absorbed)

    assert find_or_add(absorbed.email, at=LATER) == kept
    assert find_or_add(kept.email, at=LATER) == kept
    undo_merge(merge=done, by=make_staff(), at=LATER)
    assert find_or_add(absorbed.email, at=LATER) == absorbed


def test_an_address_that_nobody_proved_opens_nothing_after_a_merge(two):
    kept, absorbed = two
    EmailAddress.objects.create(user=absorbed, email=absorbed.email, verified=False)

    merge(kept, absorbed)

    assert find_or_add(absorbed.email, at=LATER) is None


STEPS = st.lists(
    st.tuples(st.sampled_from("cbox"), st.booleans(), st.integers(0, 5)), min_size=1, max_size=8
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_sums_are_equal_whatever_happened_before(steps):
    """Random histories of two: credits, bookings, cancellations, orders; each rolled back."""
    with transaction.atomic():
        practice = make_practice()
        kept, absorbed = make_runner(), make_runner()
        for kind, first, hour in steps:
            _live(kind, kept if first else absorbed, practice, hour)
        before = owned(kept), owned(absorbed), ledgers()
        units = _units(kept) + _units(absorbed)

        if refusals(kept=kept, absorbed=absorbed, at=LATER):
            with pytest.raises(MergeError, match="at the same time"):
                merge(kept, absorbed)
        else:
            done = merge(kept, absorbed)
            assert ledgers() == before[2]
            assert (_units(kept), _units(absorbed)) == (units, 0)
            undo_merge(merge=done, by=make_staff(), at=LATER)
        assert (owned(kept), owned(absorbed), ledgers()) == before
        transaction.set_rollback(True)


def _live(kind, person, practice, hour):
    at = TUESDAY_9 + timedelta(hours=hour)
    if kind == "c":
        make_credits(person, practice=practice)
    elif kind == "o":
        make_order(person, at=A_WEEK_BEFORE)
    elif kind == "b":
        with suppress(BookingError, CreditError):
            book(practice, person, at)
    else:
        for booking in Booking.objects.of(person).booked()[:1]:
            cancel_booking(booking=booking, by=person, at=LATER)


def _units(person) -> int:
    lots = CreditLot.objects.of(person).with_balances()
    return sum(lot.available for lot in lots)


def test_what_speaks_against_a_merge_is_said_and_nothing_is_written(two):
    kept, absorbed = two
    practice = make_practice()
    desk = in_group("Front desk")
    gone = make_runner()
    gone.is_active = False
    gone.save()

    def refused(kept, absorbed, why="Told us", at=LATER):
        with pytest.raises(MergeError) as refusal:
            merge_people(kept=kept, absorbed=absorbed, why=why, by=desk, at=at)
        return str(refusal.value)

    assert "one account already" in refused(kept, kept)
    assert "works here" in refused(kept, desk)
    by_hand = make_runner()
    by_hand.user_permissions.add(Permission.objects.first())
    assert "works here" in refused(kept, by_hand)
    assert "not active" in refused(kept, gone)
    assert "Say how you know" in refused(kept, absorbed, why=" ")
    hold(practice, TUESDAY_11, runner=absorbed)
    assert "holds a time" in refused(kept, absorbed, at=A_WEEK_BEFORE)
    for person, therapist in ((kept, practice.imre), (absorbed, practice.lena)):
        make_credits(person, practice=practice)
        book(practice, person, TUESDAY_9, therapist=therapist)
    assert "at the same time" in refused(kept, absorbed)
    order = make_order(absorbed)
    PaymentAttempt.objects.create(
        order=order, number=1, method="card", status="open", amount_minor=1, created_at=NOON
    )
    assert "paying just now" in refused(kept, absorbed)
    assert not MergedRow.objects.exists()


def test_a_merge_is_undone_for_seven_days_and_not_when_a_session_belongs_to_both(two):
    kept, absorbed = two
    practice = make_practice()
    make_credits(absorbed, practice=practice)
    done = merge(kept, absorbed)

    with pytest.raises(MergeError, match="seven days"):
        undo_merge(merge=done, by=make_staff(), at=LATER + timedelta(days=7))
    session = book(practice, kept, TUESDAY_11, at=LATER)
    with pytest.raises(MergeError, match="credit of the other"):
        undo_merge(merge=done, by=make_staff(), at=LATER + timedelta(hours=1))
    assert session.runner == kept
    third = make_runner()
    merge(third, kept)
    assert find_person(absorbed.public_id) == third
    with pytest.raises(MergeError, match="Undo that merge first"):
        undo_merge(merge=done, by=make_staff(), at=LATER)
    assert merges_of(kept).count() == 2


def test_the_same_merge_twice_is_one(two):
    kept, absorbed = two

    assert merge(kept, absorbed) == merge(kept, absorbed)


def test_duplicates_are_found_by_number_mailbox_and_name(db):
    ana = make_runner("ana.ortiz@example.org", name="Ana Ortiz")
    mobile = make_runner("other@example.org", name="A. O.")
    for person, number in ((ana, "+44 7700 900123"), (mobile, "07700900123")):
        person.runner_profile.mobile = number
        person.runner_profile.save()
    plus = make_runner("anaortiz+race@example.org", name="Ana")
    typo = make_runner("ana.ortis@example.com", name="ana  ortiz")
    make_runner("somebody@example.org", name="Ana Ortiz")

    found = {pair.other: pair.why for pair in duplicates_of(ana)}

    assert found == {
        plus: "Same mailbox, written differently",
        mobile: "Same mobile",
        typo: "Same name, similar address",
    }


def test_the_doubles_of_one_are_those_of_all_however_they_are_spelt(db):
    spellings = [
        ("zoe.strasse-o_k@example.org", "Zoë  Strasse", "+44 (0)7700-900.124"),
        ("ZOEstrasse-o_k+x@example.org", "other", "7700900124"),
        ("zoestrasse-o_k@example.net", " ZOË STRAßE ", ""),
        ("z.o.e.strasse-o_k+@example.org", "", "07700/900 124 ext"),
        ("zoestrasse-oxk@example.org", "Zoe Strasse", "07700900124 5"),
        ("bo@example.org", "Bo Li", "12"),
        ("bo@example.net", "bo li", "12"),
        ("amal@example.org", "أمل حداد", ""),
        ("amal@example.net", " أمل  حداد", ""),
        ("cagla@example.org", "İpek Aydin", ""),
        ("cagla@example.net", "i̇pek aydin", ""),
    ]
    people = [make_runner(email, name=name) for email, name, _ in spellings]
    for person, (_, _, mobile) in zip(people, spellings, strict=True):
        person.runner_profile.mobile = mobile
        person.runner_profile.save()
    every = {(frozenset((pair.one, pair.other)), pair.why) for pair in duplicates()}
    assert len(every) == 7

    for person in people:
        own = {(frozenset((pair.one, pair.other)), pair.why) for pair in duplicates_of(person)}
        assert own == {(pair, why) for pair, why in every if person in pair}


def test_looking_for_the_doubles_of_one_does_not_load_everybody(db, monkeypatch):
    ana = make_runner("ana@example.org", name="Ana Ortiz")
    for number in range(3):
        make_runner(f"somebody{number}@example.org", name="Somebody")
    loaded = []
    monkeypatch.setattr("accounts.duplicates._among", lambda people: loaded.extend(people) or [])

    duplicates_of(ana)

    assert loaded == [ana]
