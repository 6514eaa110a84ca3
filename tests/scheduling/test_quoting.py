"""Quoted effect = executed effect, in 10,000 random cases (U6).

9,500 of them run the deciding and the executing code on a ledger kept in memory; 500 run whole,
moves included, in the database, each in a savepoint that is rolled back. What was done is read
from what is there afterwards, and held against what the token of the quote says.
"""

import inspect
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from unittest import mock
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from accounts.models import Message
from payments.models import CreditEntry, CreditLot, Order, Policy
from scheduling import cancelling
from scheduling.effects import Act, Agreed, Credit, EffectChanged, Outcome, version_of
from scheduling.errors import BookingError, IllegalTransition
from scheduling.models import Booking, Room
from scheduling.quoting import (
    carry_out_cancel,
    carry_out_move,
    quote_cancel,
    quote_move,
    read_token,
)
from tests.builders import make_policy, make_runner, make_staff
from tests.scheduling.builders import TUESDAY_9, make_practice
from tests.scheduling.quote_cases import MINUTE, Case, case_of

State = Booking.State
IN_MEMORY, IN_DATABASE = 9_500, 500


SEEDS = st.integers(0, 2**63)


# --- in memory ---------------------------------------------------------------------------------


@dataclass
class Shelf:
    """A lot in memory."""

    expires_on: date
    units: dict[str, int]
    public_id: str = field(default_factory=lambda: str(uuid4()))
    name: str = "5 sessions"
    is_active = True


class Ledger:
    """The movements that cancelling may ask for, as ``payments.crediting`` would make them."""

    def __init__(self, case: Case) -> None:
        held = int(case.holds_credit)
        buckets = {"available": case.spare, "reserved": held, "used": 0, "expired": 0}
        self.lot = Shelf((TUESDAY_9 + timedelta(days=case.lot_days)).date(), buckets)
        self.moved: list[str] = []

    def lock_wallet(self, owner):
        return [self.lot]

    def reserved_lot(self, booking_id):
        return self.lot if self.lot.units["reserved"] else None

    def use(self, **_):
        self._move("use", "reserved", "used")

    def release(self, **_):
        self._move("release", "reserved", "available")

    def release_ended(self, **_):
        self.release()
        self.lot.units["expired"] += self.lot.units["available"]
        self.lot.units["available"] = 0
        self.moved.append("expire")

    def give_back(self, *, until, at, **_):
        if self.lot.expires_on < at.date():
            self.lot.units["expired"] += self.lot.units["available"]
            self.lot.units["available"] = 0
        self._move("release", "reserved", "available")
        self.lot.expires_on = max(self.lot.expires_on, until)
        self.moved.append("extend")

    def _move(self, kind, source, target):
        assert self.lot.units[source] > 0
        self.lot.units[source] -= 1
        self.lot.units[target] += 1
        self.moved.append(kind)


def booking_in_memory(case: Case) -> Booking:
    policy = Policy(
        pk=1,
        cancel_window_minutes=case.cancel_window,
        move_window_minutes=case.move_window,
        grace_minutes=case.grace,
        max_moves=case.max_moves,
    )
    booking = Booking(
        pk=1,
        policy=policy,
        state=case.state,
        starts_at=TUESDAY_9,
        zone="Europe/London",
        booked_at=TUESDAY_9 - timedelta(minutes=case.booked_before),
        moves=case.moves,
        runner_id=7,
    )
    booking._state.fields_cache["runner"] = SimpleNamespace(pk=7)
    return booking


def written(booking, *, to, kind, by, at, reason="", **fields):
    """``changing.change`` without a database."""
    for name, value in {**fields, "state": to}.items():
        setattr(booking, name, value)
    return booking


@settings(max_examples=IN_MEMORY, deadline=None, database=None)
@given(seed=SEEDS)
def test_in_memory_what_was_quoted_is_what_is_done_or_nothing_is(seed):
    case = case_of(seed, moves=False)
    note(case)
    cancel = inspect.unwrap(cancelling.cancel_booking)  # without patience and transaction
    booking, ledger = booking_in_memory(case), Ledger(case)
    by = SimpleNamespace(pk=7 if case.by == "runner" else 8)
    mails: list[str] = []
    with (
        mock.patch.object(cancelling, "crediting", ledger),
        mock.patch.object(cancelling, "topping_up"),  # none of these bookings has one
        mock.patch.object(cancelling, "locked", lambda same: same),
        mock.patch.object(cancelling, "change", written),
        mock.patch.object(cancelling.letters, "owe", lambda one, kind, at: mails.append(kind)),
    ):
        try:
            quote = quote_cancel(booking=booking, by=by, at=case.at)
        except BookingError:
            event("refused")
            return
        agreed, _ = read_token(quote.token, booking, Act.CANCEL)
        assert agreed == Agreed(quote.effect, version_of(booking), quote.valid_until)
        assert case.at <= quote.valid_until <= case.at + 10 * MINUTE
        before = dict(ledger.lot.units)
        now = case.at + case.waits
        try:
            cancel(booking=booking, by=by, at=now, agreed=agreed)
        except EffectChanged:
            said_no = True
        except IllegalTransition:
            said_no = now >= booking.starts_at
        else:
            said_no = False
        if said_no:
            assert now > quote.valid_until
            assert (ledger.lot.units, ledger.moved, mails) == (before, [], [])
            assert booking.state == case.state
            event("stale")
            return
    effect = agreed.effect
    event(f"{effect.outcome} {effect.credit}{' extended' if effect.extended else ''}")
    assert now <= quote.valid_until
    assert (booking.state, booking.sequence) == (effect.state, effect.sequence)
    assert tuple(mails) == effect.mails
    assert (
        ledger.moved
        == {
            Credit.RETURNED: ["release", "extend"] if effect.extended else ["release"],
            Credit.USED: ["use"],
            Credit.ENDED: ["release", "expire"],
            Credit.NONE: [],
        }[effect.credit]
    )
    if effect.lot is not None:
        assert ledger.lot.expires_on == effect.lot.ends_on
    assert sum(ledger.lot.units.values()) == sum(before.values())


@settings(max_examples=300, deadline=None, database=None)
@given(seed=SEEDS)
def test_until_its_deadline_nothing_else_would_happen_and_after_the_edge_it_does(seed):
    case = case_of(seed, moves=False)
    note(case)
    booking, ledger = booking_in_memory(case), Ledger(case)
    by = SimpleNamespace(pk=7 if case.by == "runner" else 8)

    def effect_at(moment):
        return cancelling.effect_of_cancelling(booking=booking, by=by, at=moment)

    with mock.patch.object(cancelling, "crediting", ledger):
        try:
            first = effect_at(case.at)
        except BookingError:
            return
        assert effect_at(first.holds_to) == first
        try:
            after = effect_at(first.holds_to + timedelta(microseconds=1))
        except BookingError:
            return  # it has begun
    if first.outcome != Outcome.BY_PRACTICE or first.extended:
        assert after != first


# --- whole, in the database --------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """What every case starts from."""

    practice: object
    runner: object
    staff: object


@pytest.fixture
def world(db):
    return World(make_practice(), make_runner(), make_staff())


def set_up(world: World, case: Case) -> tuple[Booking, list[CreditLot]]:
    """The rows of a case, as acts of before would have left them."""
    terms = make_policy(
        f"case-{uuid4().hex[:8]}",
        cancel_window_minutes=case.cancel_window,
        move_window_minutes=case.move_window,
        grace_minutes=case.grace,
        max_moves=case.max_moves,
    )
    booked_at = TUESDAY_9 - timedelta(minutes=case.booked_before)
    practice = world.practice
    held = case.state in (State.HELD, State.EXPIRED)
    booking = Booking.objects.create(
        runner=world.runner,
        variant=practice.sports_60,
        therapist=practice.imre,
        room=Room.objects.first(),
        location=practice.location,
        policy=None if held else terms,
        state=case.state,
        starts_at=TUESDAY_9,
        ends_at=TUESDAY_9 + 60 * MINUTE,
        frees_at=TUESDAY_9 + 70 * MINUTE,
        local_start="2026-12-01T09:00",
        zone="Europe/London",
        hold_expires_at=TUESDAY_9 if held else None,
        booked_at=None if held else booked_at,
        created_at=booked_at,
        moves=case.moves,
    )
    lots = [lot(world, case.lot_days, case.spare + 1, terms)]
    if case.other_days is not None:
        lots.append(lot(world, case.other_days, 2, terms))
    if case.holds_credit and not held:
        entry(lots[0], "reserve", 1, "available", "reserved", booking.public_id)
    return booking, lots


def lot(world: World, days: int, units: int, terms: Policy) -> CreditLot:
    made = CreditLot.objects.create(
        owner=world.runner,
        name=f"{units} sessions",
        units=units,
        unit_values=[0] * units,
        currency="GBP",
        starts_on=date(2026, 1, 1),
        expires_on=(TUESDAY_9 + timedelta(days=days)).date(),
        granted_at=TUESDAY_9 - timedelta(days=30),
        policy=terms,
        is_goodwill=True,
    )
    made.variants.add(world.practice.sports_60)
    entry(made, "goodwill", units, "issued", "available", None)
    return made


def entry(lot, kind, units, source, target, booking_id):
    at = TUESDAY_9 - timedelta(days=30)
    CreditEntry.objects.create(
        lot=lot,
        kind=kind,
        units=units,
        from_bucket=source,
        to_bucket=target,
        booking_id=booking_id,
        effective_at=at,
        posted_at=at,
        source=f"case:{uuid4()}",
    )


BUCKETS = ("available", "reserved", "used", "expired", "refunded")


def what_is_there() -> dict:
    """Everything an act on a booking may touch, as a bookkeeper would read it."""
    return {
        "lots": {
            str(one.public_id): {name: getattr(one, name) for name in BUCKETS}
            | {"ends_on": one.expires_on}
            for one in CreditLot.objects.with_balances()
        },
        "bookings": {
            one.pk: (one.state, one.sequence, one.starts_at, one.therapist_id, one.moves)
            for one in Booking.objects.all()
        },
        "mails": sorted(Message.objects.values_list("kind", "about")),
        "orders": Order.objects.count(),
    }


def as_said(before: dict, effect, booking: Booking, at: datetime) -> dict:
    """The same after the effect, worked out from what it says and from nothing else."""
    lots = {name: dict(one) for name, one in before["lots"].items()}
    if effect.lot is not None:
        mine = lots[effect.lot.public_id]
        if effect.extended and mine["ends_on"] < at.date():
            mine["expired"] += mine["available"]
            mine["available"] = 0
        mine["ends_on"] = effect.lot.ends_on
        if effect.credit in (Credit.RETURNED, Credit.USED):
            mine["reserved"] -= 1
            mine["available" if effect.credit == Credit.RETURNED else "used"] += 1
        if effect.credit == Credit.ENDED:
            mine["reserved"] -= 1
            mine["expired"] += mine["available"] + 1
            mine["available"] = 0
    if effect.another is not None:
        lots[effect.another.public_id]["available"] -= 1
        lots[effect.another.public_id]["reserved"] += 1
    _state, _sequence, starts_at, therapist, moves = before["bookings"][booking.pk]
    if effect.outcome == Outcome.MOVED:
        starts_at, therapist, moves = effect.starts_at, effect.therapist_id, effect.moves
    return {
        "lots": lots,
        "booking": (effect.state, effect.sequence, starts_at, therapist, moves),
        "mails": sorted(effect.mails),
        "orders": before["orders"] + (1 if effect.money_minor else 0),
    }


def run_case(world: World, case: Case) -> str:
    booking, _lots = set_up(world, case)
    by = world.runner if case.by == "runner" else world.staff
    at, now = case.at, case.at + case.waits
    before = what_is_there()
    try:
        if case.move_to is None:
            quote = quote_cancel(booking=booking, by=by, at=at)
        else:
            to = TUESDAY_9 + case.move_to
            quote = quote_move(booking=booking, starts_at=to, therapist=None, by=by, at=at)
    except BookingError as refused:
        assert what_is_there() == before
        return f"refused {type(refused).__name__}"
    assert what_is_there() == before
    act = Act.CANCEL if case.move_to is None else Act.MOVE
    agreed, _ = read_token(quote.token, booking, act)
    carry_out = carry_out_cancel if act == Act.CANCEL else carry_out_move
    try:
        done = carry_out(token=quote.token, booking=booking, by=by, at=now)
    except BookingError as refused:
        assert now > quote.valid_until
        assert what_is_there() == before
        return f"stale {type(refused).__name__}"
    assert now <= quote.valid_until
    effect, after = agreed.effect, what_is_there()
    said = as_said(before, effect, booking, now)
    assert after["lots"] == said["lots"]
    assert after["bookings"].pop(booking.pk) == said["booking"]
    assert sorted(kind for kind, _ in after["mails"]) == said["mails"]
    assert after["orders"] == said["orders"]
    new = list(after["bookings"].values())
    if effect.outcome == Outcome.REBOOKED:
        assert new == [("confirmed", 0, effect.starts_at, effect.therapist_id, 0)]
        assert done.pk != booking.pk
    else:
        assert not new
    assert carry_out(token=quote.token, booking=booking, by=by, at=now).pk == done.pk
    assert what_is_there()["lots"] == said["lots"]
    return f"{effect.act} {effect.outcome} {effect.credit}" + (
        " extended" if effect.extended else " and another" if effect.another else ""
    )


class Undo(Exception):
    """Ends a case: its savepoint is rolled back."""


@settings(
    max_examples=IN_DATABASE,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=SEEDS)
def test_whole_what_was_quoted_is_what_is_done_or_nothing_is(world, seed):
    case = case_of(seed, moves=True)
    note(case)
    try:
        with transaction.atomic():
            event(run_case(world, case))
            raise Undo
    except Undo:
        pass
