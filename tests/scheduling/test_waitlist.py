"""Offers of freed times: who is asked, for how long, and who is next (E14)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from payments.wallets import wallet
from scheduling.booking import confirm_with_credit, release_expired_holds
from scheduling.cancelling import cancel_booking
from scheduling.errors import NotOffered, OfferOver, WaitlistRefused
from scheduling.models import Booking, Room, WaitlistEntry, WaitlistOffer
from scheduling.moving import move_booking
from scheduling.waitlisting.answering import accept, decline
from scheduling.waitlisting.joining import MOST_OPEN, Want, change_wish, withdraw
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TWO_DAYS_BEFORE,
    book,
    make_credits,
    make_practice,
    make_therapist,
)
from tests.scheduling.waitlist import (
    MINUTE,
    breaches,
    fill,
    open_offer,
    pick,
    serve,
    someone,
    state_of,
    wait,
)

State = WaitlistEntry.State
HALF_AN_HOUR = timedelta(minutes=30)
FREED_AT = TWO_DAYS_BEFORE


@pytest.fixture
def practice(db):
    """One therapist, one room."""
    return make_practice(rooms=1, therapists=1)


@pytest.fixture
def full(practice):
    """Tuesday, booked out; what stands at nine is the first."""
    return fill(practice, TUESDAY_9)


def free(booking, at=FREED_AT):
    return cancel_booking(booking=booking, by=None, at=at)


def credits_of(runner, day=TUESDAY):
    return wallet(runner, on=day).available


# --- who is asked ------------------------------------------------------------------------------


def test_nothing_is_offered_while_nothing_is_free(practice, full):
    entry = wait(practice, someone(practice, "ana"))

    assert serve(FREED_AT) == 0
    assert state_of(entry) == State.WAITING


def test_a_freed_time_is_held_with_a_credit_for_half_an_hour(practice, full):
    ana = someone(practice, "ana")
    entry = wait(practice, ana)
    free(full[0])

    assert serve(FREED_AT) == 1

    offer = open_offer(entry)
    assert offer.booking.starts_at == TUESDAY_9
    assert offer.booking.state == Booking.State.HELD
    assert offer.booking.runner == ana
    assert offer.expires_at == FREED_AT + HALF_AN_HOUR
    assert credits_of(ana) == 0
    assert state_of(entry) == State.OFFERED
    assert breaches() == []


@pytest.mark.parametrize(
    ("before", "minutes"),
    [
        (timedelta(hours=4), 30),
        (timedelta(hours=4) - timedelta(seconds=1), 10),
        (timedelta(hours=2), 10),
    ],
)
def test_within_four_hours_of_the_start_it_is_ten_minutes(practice, full, before, minutes):
    entry = wait(practice, someone(practice, "ana"))
    at = full[-1].starts_at - before
    free(full[-1], at=at)

    serve(at)

    assert open_offer(entry).expires_at == at + minutes * MINUTE


@pytest.mark.parametrize(
    ("wish", "is_asked"),
    [
        ({"starts_from": TUESDAY_9.time()}, True),
        ({"starts_from": (TUESDAY_9 + MINUTE).time()}, False),
        ({"starts_before": TUESDAY_10.time()}, True),
        ({"starts_before": TUESDAY_9.time()}, False),
        ({"weekdays": "2"}, True),
        ({"last_on": TUESDAY + timedelta(days=1), "weekdays": "3"}, False),
        ({"first_on": TUESDAY - timedelta(days=6)}, True),
        ({"notice_minutes": 48 * 60}, True),
        ({"notice_minutes": 48 * 60 + 1}, False),
    ],
    ids=str,
)
def test_only_a_time_within_the_wish_is_offered(practice, full, wish, is_asked):
    # Nobody works on the other days of the wish.
    practice.imre.working_hours.exclude(weekday=TUESDAY.isoweekday()).delete()
    entry = wait(practice, someone(practice, "ana"), **wish)
    free(full[0], at=TUESDAY_9 - timedelta(hours=48))

    serve(TUESDAY_9 - timedelta(hours=48))

    assert (open_offer(entry) is not None) == is_asked


def test_only_the_wished_therapist_and_length_are_offered(db):
    practice = make_practice()
    full = fill(practice, TUESDAY_9)
    of_lena = wait(practice, someone(practice, "ana"), therapists=(practice.lena,))
    short = wait(practice, someone(practice, "bea"), variants=(practice.sports_30,))
    free(next(one for one in full if one.therapist == practice.imre))

    serve(FREED_AT)

    assert open_offer(of_lena) is None
    assert open_offer(short).booking.variant == practice.sports_30


def test_priority_comes_first_then_who_waits_longest(practice, full):
    late = wait(practice, someone(practice, "ana"), at=A_WEEK_BEFORE + 2 * MINUTE)
    early = wait(practice, someone(practice, "bea"), at=A_WEEK_BEFORE + MINUTE)
    first = wait(practice, someone(practice, "cleo"), at=A_WEEK_BEFORE + 3 * MINUTE, priority=1)
    free(full[0])
    asked = []
    for number in range(3):
        serve(FREED_AT + number * MINUTE)
        [offer] = WaitlistOffer.objects.still_open()
        asked.append(offer.entry)
        decline(offer=offer, by=offer.entry.runner, at=FREED_AT + number * MINUTE)

    assert asked == [first, early, late]


def test_two_freed_times_are_two_offers_to_two_and_never_two_to_one(practice, full):
    only = wait(practice, someone(practice, "ana"))
    free(full[0])
    free(full[2])

    assert serve(FREED_AT) == 1
    assert serve(FREED_AT + MINUTE) == 0
    assert only.offers.count() == 1

    other = wait(practice, someone(practice, "bea"), at=FREED_AT)
    assert serve(FREED_AT + 2 * MINUTE) == 1
    assert open_offer(other).booking.starts_at == full[2].starts_at
    assert breaches() == []


def test_two_wishes_of_one_runner_are_asked_one_after_the_other(practice, full):
    ana = someone(practice, "ana", credits=2)
    hour = wait(practice, ana)
    half = wait(practice, ana, variants=(practice.sports_30,))
    free(full[0])
    free(full[2])

    assert serve(FREED_AT) == 1
    assert serve(FREED_AT + MINUTE) == 0
    assert [state_of(hour), state_of(half)] == [State.OFFERED, State.WAITING]


def test_a_time_that_moving_frees_is_offered_too(practice, full):
    entry = wait(practice, someone(practice, "ana"))
    move_booking(
        booking=full[0],
        starts_at=TUESDAY_9 + timedelta(days=1),
        therapist=None,
        by=None,
        at=FREED_AT,
    )

    serve(FREED_AT)

    assert open_offer(entry).booking.starts_at == TUESDAY_9


def test_a_time_that_new_hours_open_is_offered_too(practice, full):
    entry = wait(practice, someone(practice, "ana"))
    practice.imre.working_hours.update(ends=(TUESDAY_9 + 10 * ONE_HOUR).time())

    serve(FREED_AT)

    assert open_offer(entry).booking.starts_at > full[-1].ends_at


# --- notice ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("notice", "is_asked"), [(None, False), (120, False), (30, True)])
def test_inside_the_minimum_notice_only_who_allows_it_is_asked(practice, full, notice, is_asked):
    entry = wait(practice, someone(practice, "ana"), notice_minutes=notice)
    at = TUESDAY_9 - ONE_HOUR
    free(full[0], at=at)

    serve(at)

    assert (open_offer(entry) is not None) == is_asked


def test_short_notice_finds_nobody_hidden_and_no_day_the_practice_keeps_for_the_phone(
    practice, full
):
    entry = wait(practice, someone(practice, "ana"), notice_minutes=30)
    at = TUESDAY_9 - ONE_HOUR
    free(full[0], at=at)
    practice.imre.is_bookable_online = False
    practice.imre.save()
    assert serve(at) == 0

    practice.imre.is_bookable_online = True
    practice.imre.save()
    practice.sports_60.same_day = False
    practice.sports_60.save()
    assert serve(at) == 0
    assert state_of(entry) == State.WAITING


def test_there_is_always_time_to_answer_before_the_start(practice, full):
    entry = wait(practice, someone(practice, "ana"), notice_minutes=0)
    free(full[0], at=TUESDAY_9 - 15 * MINUTE)

    assert serve(TUESDAY_9 - 9 * MINUTE) == 0
    assert serve(TUESDAY_9 - 10 * MINUTE) == 1
    assert open_offer(entry).expires_at == TUESDAY_9


# --- answers -----------------------------------------------------------------------------------


def offered(practice, full, name="ana", **values):
    entry = wait(practice, someone(practice, name, **values))
    free(full[0])
    serve(FREED_AT)
    return open_offer(entry)


def test_accepting_books_it_with_the_credit_that_was_set_aside(practice, full):
    offer = offered(practice, full, credits=3)
    ana = offer.entry.runner

    booking = accept(offer=offer, by=ana, at=FREED_AT + MINUTE)

    assert booking.state == Booking.State.CONFIRMED
    assert credits_of(ana) == 2
    assert state_of(offer.entry) == State.ACCEPTED
    assert accept(offer=offer, by=ana, at=FREED_AT + 2 * MINUTE) == booking
    assert credits_of(ana) == 2
    assert breaches() == []


def test_whoever_taps_as_the_offer_ends_still_gets_the_time(practice, full):
    offer = offered(practice, full)

    booking = accept(offer=offer, by=offer.entry.runner, at=offer.expires_at + MINUTE)

    assert booking.state == Booking.State.CONFIRMED


def test_a_no_passes_the_time_to_the_next_and_gives_the_credit_back(practice, full):
    offer = offered(practice, full)
    bea = wait(practice, someone(practice, "bea"), at=FREED_AT)

    entry = decline(offer=offer, by=offer.entry.runner, at=FREED_AT + MINUTE)
    assert entry.state == State.WAITING
    assert credits_of(entry.runner) == 1

    serve(FREED_AT + MINUTE)
    assert open_offer(bea).booking.starts_at == TUESDAY_9
    assert open_offer(entry) is None
    assert breaches() == []


def test_a_no_for_good_ends_the_entry(practice, full):
    offer = offered(practice, full)

    entry = decline(offer=offer, by=offer.entry.runner, at=FREED_AT, keep=False)

    assert entry.state == State.DECLINED
    assert serve(FREED_AT + MINUTE) == 0


def test_what_was_declined_is_not_offered_to_her_again_but_the_next_time_is(practice, full):
    offer = offered(practice, full)
    decline(offer=offer, by=offer.entry.runner, at=FREED_AT)
    assert serve(FREED_AT + MINUTE) == 0

    free(full[3])
    serve(FREED_AT + 2 * MINUTE)

    assert open_offer(offer.entry).booking.starts_at == full[3].starts_at


def test_a_long_gap_is_not_offered_to_her_quarter_by_quarter(practice, full):
    entry = wait(practice, someone(practice, "ana"), starts_before=TUESDAY_10.time())
    practice.sports_60.increment_minutes = 5
    practice.sports_60.save()
    free(full[0])
    free(full[1])
    serve(FREED_AT)
    decline(offer=open_offer(entry), by=entry.runner, at=FREED_AT)

    assert serve(FREED_AT + MINUTE) == 0


def test_nobody_answers_and_the_time_goes_down_the_line_of_three_and_then_to_everyone(
    practice, full
):
    people = [someone(practice, name) for name in ("ana", "bea", "cleo")]
    line = [
        wait(practice, one, at=A_WEEK_BEFORE + number * MINUTE) for number, one in enumerate(people)
    ]
    free(full[0])
    at, asked = FREED_AT, []
    for _ in range(3):
        serve(at)
        [offer] = WaitlistOffer.objects.still_open()
        asked.append(offer.entry)
        # Nobody else gets it between two in the line, not even when the job is late.
        assert (
            not Booking.objects.live_at(offer.expires_at + MINUTE)
            .filter(starts_at=TUESDAY_9)
            .exclude(pk=offer.booking_id)
        )
        at = offer.expires_at + MINUTE
    assert serve(at) == 0

    assert asked == line
    assert [credits_of(one) for one in people] == [1, 1, 1]
    assert [state_of(one) for one in line] == [State.WAITING] * 3
    assert breaches() == []
    stranger = someone(practice, "dora")
    assert book(practice, stranger, TUESDAY_9, at=at).is_booked


def test_the_hold_lasts_until_the_next_in_line_has_it(practice, full):
    offer = offered(practice, full)
    release_expired_holds(at=offer.expires_at + MINUTE)
    offer.booking.refresh_from_db()

    assert offer.booking.state == Booking.State.HELD


def test_two_unanswered_offers_end_the_entry(practice, full):
    offer = offered(practice, full)
    free(full[2])
    serve(offer.expires_at)
    second = open_offer(offer.entry)

    serve(second.expires_at)

    entry = WaitlistEntry.objects.get(pk=offer.entry_id)
    assert (entry.state, entry.ended_because) == (State.EXPIRED, "Two times went unanswered.")
    assert breaches() == []


def test_too_late_is_told_and_books_nothing(practice, full):
    offer = offered(practice, full)
    serve(offer.expires_at)

    with pytest.raises(OfferOver, match=r"until Sun 29 Nov 09:30"):
        accept(offer=offer, by=offer.entry.runner, at=offer.expires_at + MINUTE)

    assert credits_of(offer.entry.runner) == 1


def test_what_is_booked_cannot_be_declined(practice, full):
    offer = offered(practice, full)
    booking = accept(offer=offer, by=offer.entry.runner, at=FREED_AT)

    with pytest.raises(OfferOver):
        decline(offer=offer, by=offer.entry.runner, at=FREED_AT)

    booking.refresh_from_db()
    assert booking.is_booked


def test_withdrawing_lets_go_of_the_time_and_the_credit(practice, full):
    offer = offered(practice, full)

    entry = withdraw(entry=offer.entry, by=offer.entry.runner, at=FREED_AT + MINUTE)

    assert entry.state == State.WITHDRAWN
    assert credits_of(entry.runner) == 1
    assert breaches() == []
    assert withdraw(entry=entry, by=entry.runner, at=FREED_AT + 2 * MINUTE).state == entry.state


# --- without a credit --------------------------------------------------------------------------


def test_without_a_credit_saying_yes_leaves_time_to_pay(practice, full):
    offer = offered(practice, full, credits=0)
    ended_at = offer.expires_at
    yes_at = ended_at - MINUTE

    booking = accept(offer=offer, by=offer.entry.runner, at=yes_at)
    assert booking.state == Booking.State.HELD
    assert serve(ended_at + MINUTE) == 0
    assert state_of(offer.entry) == State.OFFERED

    make_credits(offer.entry.runner, 1, practice=practice, at=yes_at)
    confirm_with_credit(booking=booking, runner=offer.entry.runner, by=None, at=yes_at + 8 * MINUTE)
    serve(yes_at + 9 * MINUTE)
    assert state_of(offer.entry) == State.ACCEPTED
    assert breaches() == []


def test_saying_yes_again_and_again_does_not_keep_the_time_for_ever(practice, full):
    offer = offered(practice, full, credits=0)
    for minutes in (29, 33, 38):  # the first yes leaves ten minutes, and no further one more
        accept(offer=offer, by=offer.entry.runner, at=FREED_AT + minutes * MINUTE)

    serve(FREED_AT + 39 * MINUTE)

    assert open_offer(offer.entry) is None
    with pytest.raises(OfferOver):
        accept(offer=offer, by=offer.entry.runner, at=FREED_AT + 40 * MINUTE)
    assert breaches() == []


# --- meanwhile ---------------------------------------------------------------------------------


def elsewhere(booking, runner, starts_at):
    """The session becomes hers, at another moment, with somebody else in another room."""
    room = Room.objects.create(location=booking.location, name="Elsewhere", is_active=False)
    therapist = make_therapist("elsewhere", "Else Where")
    Booking.objects.filter(pk=booking.pk).update(
        runner=runner, starts_at=starts_at, therapist=therapist, room=room
    )


def test_who_has_a_session_then_is_skipped_and_waits_on(practice, full):
    ana = someone(practice, "ana", credits=2)
    skipped = wait(practice, ana, variants=(practice.sports_30,), starts_before=TUESDAY_10.time())
    asked = wait(practice, someone(practice, "bea"), at=A_WEEK_BEFORE + MINUTE)
    free(full[0])
    elsewhere(full[1], ana, TUESDAY_9 - 10 * MINUTE)

    serve(FREED_AT)

    assert state_of(skipped) == State.WAITING
    assert skipped.offers.count() == 0
    assert open_offer(asked).booking.starts_at == TUESDAY_9


def test_who_booked_it_herself_meanwhile_no_longer_waits(practice, full):
    ana = someone(practice, "ana", credits=2)
    entry = wait(practice, ana)
    free(full[0])
    book(practice, ana, TUESDAY_9, at=FREED_AT)
    free(full[3])

    assert serve(FREED_AT + MINUTE) == 0

    entry.refresh_from_db()
    assert (entry.state, entry.ended_because) == (State.WITHDRAWN, "You booked a session yourself.")


def test_accepting_beside_another_session_at_that_time_is_refused(practice, full):
    offer = offered(practice, full, credits=2)
    elsewhere(full[1], offer.entry.runner, TUESDAY_9 + 5 * MINUTE)

    with pytest.raises(NotOffered, match="You have a session then"):
        accept(offer=offer, by=offer.entry.runner, at=FREED_AT)

    assert state_of(offer.entry) == State.OFFERED


def test_what_she_picks_herself_throws_no_offer_away(practice, full):
    offer = offered(practice, full, credits=3)
    ana = offer.entry.runner
    wednesday = TUESDAY_9 + timedelta(days=1)
    for hour in range(3):  # one service: each pick replaces the one before
        held = pick(practice, ana, wednesday + hour * 2 * ONE_HOUR, at=FREED_AT + MINUTE)

    offer.booking.refresh_from_db()
    assert offer.booking.state == Booking.State.HELD
    assert Booking.objects.filter(runner=ana, state="held").count() == 2
    assert accept(offer=offer, by=ana, at=FREED_AT + 2 * MINUTE).is_booked
    assert held.state == Booking.State.HELD


def test_an_offer_throws_no_pick_of_hers_away(practice, full):
    ana = someone(practice, "ana")
    entry = wait(practice, ana)
    held = pick(practice, ana, TUESDAY_9 + timedelta(days=1), at=FREED_AT)
    free(full[0])

    serve(FREED_AT)

    held.refresh_from_db()
    assert held.state == Booking.State.HELD
    assert open_offer(entry) is not None


def test_picking_the_offered_time_on_the_page_finds_it_held_for_her(practice, full):
    offer = offered(practice, full)

    held = pick(practice, offer.entry.runner, TUESDAY_9, at=FREED_AT + MINUTE)
    assert held == offer.booking
    confirm_with_credit(booking=held, runner=offer.entry.runner, by=None, at=FREED_AT + 2 * MINUTE)
    serve(FREED_AT + 3 * MINUTE)

    assert state_of(offer.entry) == State.ACCEPTED
    assert breaches() == []


# --- the list ----------------------------------------------------------------------------------


def test_the_same_wish_is_on_the_list_once(practice):
    ana = someone(practice, "ana")

    first = wait(practice, ana)
    again = wait(practice, ana, at=A_WEEK_BEFORE + MINUTE)

    assert again == first


def test_there_is_an_end_to_wishes(practice):
    ana = someone(practice, "ana")
    for number in range(MOST_OPEN):
        wait(practice, ana, last_on=TUESDAY + timedelta(days=number))

    with pytest.raises(WaitlistRefused, match="Take one off the list first"):
        wait(practice, ana, last_on=TUESDAY + timedelta(days=20))


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"variants": ()}, "Choose a session"),
        ({"last_on": TUESDAY - timedelta(days=1)}, "before the first"),
        (
            {"first_on": TUESDAY - timedelta(days=30), "last_on": TUESDAY - timedelta(days=20)},
            "are over",
        ),
        ({"last_on": TUESDAY + timedelta(days=400)}, "within a year"),
        ({"starts_from": TUESDAY_10.time(), "starts_before": TUESDAY_9.time()}, "end before"),
        ({"weekdays": "67"}, "None of those days"),
    ],
    ids=str,
)
def test_a_wish_that_nothing_could_fulfil_is_refused(practice, wish, words):
    with pytest.raises(WaitlistRefused, match=words):
        wait(practice, someone(practice, "ana"), **wish)


def test_a_wish_changes_and_keeps_its_place(practice, full):
    early = wait(practice, someone(practice, "ana"), starts_from=TUESDAY_10.time())
    late = wait(practice, someone(practice, "bea"), at=A_WEEK_BEFORE + MINUTE)
    want = Want((practice.sports_60,), practice.location, TUESDAY, TUESDAY)
    change_wish(entry=early, want=want, at=A_WEEK_BEFORE + 2 * MINUTE)
    free(full[0])

    serve(FREED_AT)

    assert (state_of(early), state_of(late)) == (State.OFFERED, State.WAITING)
    with pytest.raises(WaitlistRefused, match="Answer that first"):
        change_wish(entry=early, want=want, at=FREED_AT)


def test_days_that_are_over_end_the_entry(practice, full):
    entry = wait(practice, someone(practice, "ana"))
    serve(TUESDAY_9 + 14 * ONE_HOUR)
    assert state_of(entry) == State.WAITING

    serve(TUESDAY_9 + 15 * ONE_HOUR)  # midnight

    entry.refresh_from_db()
    assert (entry.state, entry.ended_because) == (State.EXPIRED, "No time opened up.")


def test_a_round_costs_the_same_however_many_wait(practice, full, django_assert_max_num_queries):
    for number in range(2):
        wait(practice, someone(practice, f"one-{number}"))
    with django_assert_max_num_queries(40) as queries:
        serve(FREED_AT)
    before = len(queries)
    for number in range(12):
        wait(practice, someone(practice, f"more-{number}"))

    with django_assert_max_num_queries(before):
        serve(FREED_AT)


# --- what the database refuses -------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"state": "hoping"},
        {"first_on": TUESDAY + timedelta(days=1)},
        {"starts_from": TUESDAY_10.time(), "starts_before": TUESDAY_9.time()},
        {"weekdays": ""},
        {"state": "withdrawn"},
        {"ended_at": TUESDAY_9},
    ],
    ids=str,
)
def test_the_database_refuses_an_entry_that_makes_no_sense(practice, values):
    entry = wait(practice, someone(practice, "ana"))

    with pytest.raises(IntegrityError), transaction.atomic():
        WaitlistEntry.objects.filter(pk=entry.pk).update(**values)


def test_the_database_refuses_a_second_open_offer_and_a_second_same_wish(practice, full):
    offer = offered(practice, full)
    with pytest.raises(IntegrityError, match="entry"), transaction.atomic():
        WaitlistOffer.objects.create(
            entry=offer.entry,
            booking=full[3],
            offered_at=FREED_AT,
            expires_at=FREED_AT + MINUTE,
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        WaitlistOffer.objects.filter(pk=offer.pk).update(outcome="lost", ended_at=FREED_AT)
    entry = WaitlistEntry.objects.get(pk=offer.entry_id)
    entry.pk, entry.public_id = None, uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)
