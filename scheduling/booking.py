"""Holding a time and making it a booking. See docs/booking.md.

Every act takes the moment and the actor, locks, looks again, writes. A repeat of an act that
has happened answers with what it made the first time.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting, topping_up
from payments.agreeing import texts_agreed
from payments.attributing import NOWHERE, Source
from payments.days import practice_day
from payments.late_paying import not_late_after_all, report_late
from payments.models import CreditEntry, CreditLot, Order, PaymentAttempt, ServiceVariant
from scheduling import letters, runners
from scheduling.availability import FreeTime, nearest
from scheduling.changing import Kind, change, locked, record
from scheduling.claiming import (
    Place,
    Wish,
    expire,
    guarded,
    judged,
    lock_resources,
    make_way,
    overlapping,
    places,
    require_in_reach,
)
from scheduling.errors import (
    BookingError,
    Busy,
    HoldGone,
    IllegalTransition,
    MoveRefused,
    NotOffered,
    TimeTaken,
)
from scheduling.models import Booking, Location, Series, Therapist
from scheduling.patience import patiently
from scheduling.reasons import OF_ASKING, Reason
from scheduling.unpaid import pay_with_credit

__all__ = [
    "BookingError",
    "Busy",
    "HoldGone",
    "IllegalTransition",
    "MoveRefused",
    "NotOffered",
    "TimeTaken",
    "adopt_holds",
    "attach_paid_order",
    "confirm_with_credit",
    "extend_hold",
    "hold_for_offer",
    "hold_time",
    "release_expired_holds",
    "release_hold",
    "require_may_book",
]

State = Booking.State
HOLD_MINUTES = 10
# However often it is extended, nobody keeps a time from others longer without booking it (E13).
LONGEST_HOLD = timedelta(minutes=90)
MOST_HOLDS = 2  # a person's at a time; a third lets the oldest go (E13)
OFFERED = "waitlist:"  # how the key of a hold begins that was made for an offer (E14)
NEAREST = 3


def hold_time(
    *,
    variant: ServiceVariant,
    location: Location,
    starts_at: datetime,
    therapist: Therapist | None,
    hold_key: str,
    runner: User | None,
    at: datetime,
    minutes: int = HOLD_MINUTES,
    source: Source = NOWHERE,
    series: Series | None = None,
) -> Booking:
    """Claim a time for ``minutes`` while its runner finishes (E13).

    ``therapist=None`` is "anyone": picked by rule S8. The same person (``runner``, or else
    ``hold_key``) has one hold a service: an earlier one is replaced, and asking again for the
    time already held returns it with its end moved.

    Raises:
        TimeTaken: somebody else has it; the three nearest free times are on the error.
        NotOffered: no rule allows it, with the reason's code and the nearest times.
        Either way nothing is written and an earlier hold stays.
    """
    wish = Wish(
        variant, location, therapist, starts_at, prefer=usual_therapist(runner), runner=runner
    )
    mine = _holds_of(hold_key, runner)
    until = at + timedelta(minutes=minutes)
    try:
        require_in_reach(starts_at)
        if again := _held_already(wish, mine | _offered_to(runner), at):
            with suppress(HoldGone):
                return extend_hold(booking=again, until=until, at=at)
        return patiently(
            lambda: _claim_if_free(
                wish,
                mine,
                hold_key=hold_key,
                runner=runner,
                until=until,
                at=at,
                source=source,
                series=series,
            )
        )
    except Busy as busy:
        raise TimeTaken(Reason.HOLD, _nearest(wish, at)) from busy
    except (TimeTaken, NotOffered) as refused:
        refused.nearest = _nearest(wish, at)
        raise


def hold_for_offer(
    *,
    variant: ServiceVariant,
    location: Location,
    starts_at: datetime,
    therapist: Therapist | None,
    runner: User,
    entry: UUID,
    until: datetime,
    at: datetime,
    forgive: frozenset[Reason] = frozenset(),
) -> Booking:
    """Claim a time for an offer of the waitlist, beside what its runner holds herself (E14).

    It neither replaces a hold of hers nor counts among them. ``forgive`` are rules that the
    entry sets aside.

    Raises:
        TimeTaken, NotOffered: it cannot be had; nothing is written.
    """
    return _claim_if_free(
        Wish(
            variant,
            location,
            therapist,
            starts_at,
            prefer=usual_therapist(runner),
            forgive=forgive,
            runner=runner,
        ),
        Q(pk=None),
        hold_key=f"{OFFERED}{entry}",
        runner=runner,
        until=until,
        at=at,
        source=NOWHERE,
        series=None,
    )


def adopt_holds(*, hold_key: str, runner: User, at: datetime) -> int:
    """Give the holds of a browser to the person who signed in there; returns how many."""
    if not hold_key:
        return 0
    with transaction.atomic():
        found = Booking.objects.filter(
            hold_key=hold_key, runner=None, state__in=[State.HELD, State.EXPIRED]
        )
        adopted = list(found.order_by("pk").select_for_update())
        for booking in adopted:
            booking.runner = runner
            booking.save(update_fields=["runner"])
            record(booking, before=booking.state, kind=Kind.ADOPTED, by=runner, at=at)
    return len(adopted)


@transaction.atomic
def extend_hold(*, booking: Booking, until: datetime, at: datetime) -> Booking:
    """Keep a hold until ``until``: while a code is on its way, while a card is asked.

    Never shortens it, and never beyond ``LONGEST_HOLD`` from when it was first held. A hold that
    has run out is kept too, as long as nobody has taken the time.

    Raises:
        HoldGone: it is not held any more, or has been for as long as can be.
    """
    booking = locked(booking)
    if booking.state != State.HELD:
        raise HoldGone(_("This time is not held any more."))
    until = min(until, booking.created_at + LONGEST_HOLD)
    if until <= at:
        raise HoldGone(_("This time has been held for as long as we can."))
    if booking.hold_expires_at is not None and booking.hold_expires_at >= until:
        return booking
    return change(booking, to=State.HELD, kind=Kind.EXTENDED, by=None, at=at, hold_expires_at=until)


@transaction.atomic
def release_hold(*, booking: Booking, by: User | None, at: datetime) -> Booking:
    """Let a held time go. A hold that is gone already stays so.

    Raises:
        IllegalTransition: it has become a booking; cancelling is another act.
    """
    booking = locked(booking)
    if booking.state == State.EXPIRED:
        return booking
    if booking.state != State.HELD:
        raise IllegalTransition(_("This session is booked, so it can only be cancelled."))
    expire(booking, by=by, at=at, reason="Let go.")
    return booking


def release_expired_holds(*, at: datetime) -> int:
    """The job: release holds that have run out; returns how many. Safe beside claims."""
    released = 0
    waiting = Booking.objects.expired_holds(at).order_by("pk").values_list("pk", flat=True)
    for pk in list(waiting[:500]):
        with transaction.atomic():
            found = Booking.objects.expired_holds(at).filter(pk=pk)
            for booking in found.select_for_update(skip_locked=True):
                expire(booking, by=None, at=at, reason="The hold ran out.")
                released += 1
    return released


def confirm_with_credit(
    *,
    booking: Booking,
    runner: User,
    by: User | None,
    at: datetime,
    lot: CreditLot | None = None,
) -> Booking:
    """Make a hold the runner's booking and set one of her credits aside, both or neither (B3).

    A hold that has run out is claimed again if its time is still free: nothing chosen is lost.
    Confirming what is confirmed already returns it. ``lot`` names the credit to use, else the
    one that ends first.

    Raises:
        crediting.NoCredit, crediting.OnlyExpiredCredit: no credit covers it.
        TimeTaken: the hold ran out and somebody else has the time (three nearest on it).
        NotOffered: a rule about who asks keeps her from booking it (E9, E24, B16).
        HoldGone: it is another person's.
        IllegalTransition: it was cancelled or is over.
    """
    try:
        return _confirmed(booking, runner, by, at, lot)
    except (TimeTaken, NotOffered) as refused:
        refused.nearest = _nearest(_wish_of(booking, runner), at)
        raise


def require_may_book(*, booking: Booking, runner: User, at: datetime) -> None:
    """Ask before her money moves what confirming will ask (E9, E24, B16). Reads only.

    Raises:
        NotOffered: she may not book this time; nearest times are on the error.
    """
    if refused := runners.refusals(booking, runner, at):
        raise NotOffered(refused[0], _nearest(_wish_of(booking, runner), at))


def attach_paid_order(*, order: Order, lots: list[CreditLot], at: datetime) -> Booking | None:
    """Money for a held time has arrived: reserve from what it bought and confirm.

    A session that was booked without a credit has one set aside from what was bought (M19).
    Late money keeps its credit: if the hold ran out the time is claimed again, and if somebody
    else has it the runner gets a message with near times and staff a mismatch (M06). Any number
    of calls. Returns the confirmed booking, or None when there is none.
    """
    booking = _reserved_for(order.reserved_for)
    if booking is not None and topping_up.is_top_up(order):
        return _topped_up(booking, order, at)
    if booking is not None and booking.is_booked and booking.runner_id == order.buyer_id:
        return _paid_afterwards(booking, order, lots, at)
    if booking is None or booking.state not in (State.HELD, State.EXPIRED):
        return booking if booking is not None and booking.is_booked else None
    try:
        confirmed = _confirmed(booking, order.buyer, order.buyer, at, _lot_for(booking, lots))
    except (BookingError, crediting.CreditError) as refused:
        _tell_it_was_too_late(booking, order, refused, at)
        return None
    not_late_after_all(order=order, at=at)
    return confirmed


def paid_order_arrived(*, order: Order, lots: list[CreditLot], at: datetime, **_: object) -> None:
    """The receiver of ``payments.signals.order_paid``."""
    attach_paid_order(order=order, lots=list(lots), at=at)


def unpaid_checkout_ended(*, order: Order, at: datetime, **_: object) -> None:
    """The receiver of ``payments.signals.checkout_ended``: let go what waited for its money (E13).

    Unless another payment for the same time is under way, or it was booked some other way.
    """
    others = Order.objects.open().filter(reserved_for=order.reserved_for).exclude(pk=order.pk)
    booking = _reserved_for(order.reserved_for)
    if booking is None or booking.state != State.HELD or others.exists():
        return
    with suppress(IllegalTransition):  # booked between the two looks
        release_hold(booking=booking, by=None, at=at)


# --- holding ---------------------------------------------------------------------------------


def _holds_of(hold_key: str, runner: User | None) -> Q:
    """What is held by this person: by name when known, by browser until then.

    What the waitlist holds for her is not among it: no pick of hers throws an offer away.
    """
    mine = Q(hold_key=hold_key, runner=None) if hold_key else Q(pk=None)
    if runner is None:
        return mine
    return mine | (Q(runner=runner) & ~Q(hold_key__startswith=OFFERED))


def _offered_to(runner: User | None) -> Q:
    """What the waitlist holds for her: picking that very time finds it held for her already."""
    return Q(runner=runner, hold_key__startswith=OFFERED) if runner else Q(pk=None)


def usual_therapist(runner: User | None) -> int | None:
    """Who "anyone" should be if free: the therapist she saw last (S8)."""
    if runner is None:
        return None
    seen = Booking.objects.of(runner).exclude(state__in=[State.HELD, State.EXPIRED])
    return seen.order_by("-starts_at").values_list("therapist_id", flat=True).first()


def _held_already(wish: Wish, mine: Q, at: datetime) -> Booking | None:
    found = Booking.objects.filter(
        mine,
        state=State.HELD,
        variant=wish.variant,
        location=wish.location,
        starts_at=wish.starts_at,
        hold_expires_at__gt=at,
    )
    if wish.therapist is not None:
        found = found.filter(therapist=wish.therapist)
    return found.first()


def _beside_my_own(wish: Wish, mine: Q) -> Wish:
    """What this person is about to let go stands in nobody's way."""
    old = Booking.objects.filter(_to_let_go(mine, wish), state=State.HELD)
    return replace(wish, ignoring=tuple(old.values_list("pk", flat=True)))


def _claim_if_free(wish: Wish, mine: Q, *, at: datetime, **hold: Any) -> Booking:
    """Look before locking: who comes too late waits for nobody."""
    able = judged(_beside_my_own(wish, mine), at)
    therapists = [one.therapist_id for one in able if one.therapist_id is not None]
    return _claim(wish, therapists, mine, at=at, **hold)


@transaction.atomic
def _claim(
    wish: Wish,
    therapists: list[int],
    mine: Q,
    *,
    hold_key: str,
    runner: User | None,
    until: datetime,
    at: datetime,
    source: Source,
    series: Series | None,
) -> Booking:
    """Lock, release what has run out and what this person held before, look again, write."""
    if runner is not None:
        runners.lock(runner)
    lock_resources(therapists, wish.location)
    make_way(wish, therapists, at, _to_let_go(mine, wish))
    for place in places(wish, at):
        if place.therapist_id not in therapists:
            continue  # came free since we looked; it is not locked
        booking = Booking(
            runner=runner,
            variant=wish.variant,
            location=wish.location,
            therapist_id=place.therapist_id,
            room_id=place.room_id,
            state=State.HELD,
            starts_at=place.starts_at,
            ends_at=place.ends_at,
            frees_at=place.frees_at,
            local_start=place.local_start,
            zone=wish.location.timezone,
            price_minor=place.price_minor,
            hold_key=hold_key,
            hold_expires_at=until,
            created_at=at,
            source_page=source.path[:200],
            article_id=source.page_id,
            article_title=source.title,
            series=series,
        )
        if _saved(booking):
            record(booking, before="", kind=Kind.HELD, by=runner, at=at)
            return booking
    raise TimeTaken


def _to_let_go(mine: Q, wish: Wish) -> Q:
    """Of this person's holds: those of the service, those at that time, and all but the newest.

    Nobody is in two places at once, and nobody has more than ``MOST_HOLDS`` (E13).
    """
    others = Booking.objects.filter(mine, state=State.HELD).exclude(overlapping(wish))
    others = others.exclude(variant__service_id=wish.variant.service_id)
    keep = others.order_by("-created_at").values_list("pk", flat=True)[: MOST_HOLDS - 1]
    return mine & ~Q(pk__in=list(keep))


def _saved(booking: Booking) -> bool:
    """Whether the database took it; its guard has the last word (E1)."""
    try:
        with guarded():
            booking.save()
    except TimeTaken:
        return False
    return True


def _nearest(wish: Wish, at: datetime) -> list[FreeTime]:
    return nearest(
        variant=wish.variant,
        location=wish.location,
        around=wish.starts_at,
        at=at,
        count=NEAREST,
        runner=wish.runner,
    )


# --- confirming ------------------------------------------------------------------------------


class _RanOut(Exception):
    """The hold is not one any more, so its time has to be claimed again."""


def _confirmed(
    booking: Booking, runner: User, by: User | None, at: datetime, lot: CreditLot | None
) -> Booking:
    """Confirm what is held; what is held no longer is claimed again under the claim's locks."""
    try:
        return patiently(lambda: _confirm(booking, runner, by, at, lot, claim=False))
    except _RanOut:
        return patiently(lambda: _confirm(booking, runner, by, at, lot, claim=True))


@transaction.atomic
def _confirm(
    booking: Booking,
    runner: User,
    by: User | None,
    at: datetime,
    lot: CreditLot | None,
    *,
    claim: bool,
) -> Booking:
    runners.lock(runner)
    crediting.lock_wallet(runner)
    if claim:
        lock_resources([booking.therapist_id], booking.location)
    booking = locked(booking)
    if booking.runner_id not in (None, runner.pk):
        raise HoldGone(_("This time is not held for you."))
    if booking.is_booked:
        return booking
    if booking.state not in (State.HELD, State.EXPIRED):
        raise IllegalTransition(_("This session is over, so it cannot be booked again."))
    fields: dict[str, Any] = {}
    if booking.holds_until(at) is None:
        if not claim:
            raise _RanOut
        fields = _claimed_again(booking, runner, at)
    elif refused := runners.refusals(booking, runner, at):
        raise NotOffered(refused[0])
    _free_what_cannot_pay(booking, by, at)
    entry = crediting.reserve(
        owner=runner,
        variant=booking.variant,
        booking_id=booking.public_id,
        session_on=booking.starts_local.date(),
        by=by,
        at=at,
        lot=lot,
    )
    return _write_confirmed(booking, runner, by, at, entry, fields)


def _free_what_cannot_pay(booking: Booking, by: User | None, at: datetime) -> None:
    """A credit that waits for a difference nobody paid pays for nothing: another way was taken."""
    aside = crediting.reserved_lot(booking.public_id)
    if aside is None or topping_up.may_pay_for(
        lot=aside, variant=booking.variant, booking_id=booking.public_id
    ):
        return
    crediting.release(
        booking_id=booking.public_id, by=by, at=at, reason=_("Paid for in another way")
    )


def _claimed_again(booking: Booking, runner: User, at: datetime) -> dict[str, Any]:
    """The place of a hold that ran out, if it is still free: same therapist, any room (E13)."""
    if booking.starts_at <= at:
        raise NotOffered(Reason.NOTICE)
    wish = _wish_of(booking, runner)
    make_way(wish, [booking.therapist_id], at)
    free: list[Place] = places(wish, at)
    place = next((one for one in free if one.room_id == booking.room_id), free[0])
    return {"room_id": place.room_id, "ends_at": place.ends_at, "frees_at": place.frees_at}


def _wish_of(booking: Booking, runner: User) -> Wish:
    return Wish(
        booking.variant,
        booking.location,
        booking.therapist,
        booking.starts_at,
        ignoring=(booking.pk,),
        forgive=OF_ASKING,
        runner=runner,
    )


def _write_confirmed(
    booking: Booking,
    runner: User,
    by: User | None,
    at: datetime,
    entry: CreditEntry,
    fields: dict[str, Any],
) -> Booking:
    with guarded():
        change(
            booking,
            to=State.CONFIRMED,
            kind=Kind.CONFIRMED,
            by=by,
            at=at,
            details={"lot": str(entry.lot.public_id)},
            runner=runner,
            policy=entry.lot.policy,
            agreed_texts=texts_agreed(entry.lot.policy, practice_day(at)),
            booked_at=at,
            hold_expires_at=None,
            **fields,
        )
    letters.owe(booking, "booking_confirmed", at=at)
    return booking


# --- money that arrives ----------------------------------------------------------------------


def _reserved_for(public_id: UUID | None) -> Booking | None:
    if public_id is None:
        return None
    found = Booking.objects.with_everything().filter(public_id=public_id)
    return found.first()


def _topped_up(booking: Booking, order: Order, at: datetime) -> Booking | None:
    """The difference is paid: confirm with the credit that waited for it (B5)."""
    if booking.state not in (State.HELD, State.EXPIRED):
        aside = crediting.reserved_lot(booking.public_id)
        if aside is None or aside.variants.filter(pk=booking.variant_id).exists():
            why = _("The session is paid for in another way.")
            topping_up.report_unused(order=order, at=at, why=why)
        return booking if booking.is_booked else None
    try:
        topping_up.credit_again(
            order=order,
            variant=booking.variant,
            price_minor=booking.single_price_minor,
            session_on=booking.starts_local.date(),
            at=at,
        )
        confirmed = _confirmed(booking, order.buyer, order.buyer, at, None)
    except (BookingError, crediting.CreditError) as refused:
        topping_up.let_credit_go(order=order, at=at)
        _tell_it_was_too_late(booking, order, refused, at)
        return None
    not_late_after_all(order=order, at=at)
    return confirmed


def _paid_afterwards(
    booking: Booking, order: Order, lots: list[CreditLot], at: datetime
) -> Booking:
    """Pay for what is booked already; one that holds a credit keeps it, and the lot is spare."""
    paid = order.attempts.filter(status=PaymentAttempt.Status.PAID).select_related("recorded_by")
    attempt = paid.first()
    by = attempt.recorded_by if attempt else None
    with suppress(crediting.CreditError):  # it covers another session: hers to spend later
        lot = _lot_for(booking, lots)
        return pay_with_credit(booking=booking, by=by or order.buyer, at=at, lot=lot)
    return booking


def _lot_for(booking: Booking, lots: list[CreditLot]) -> CreditLot | None:
    """Of what was just bought, the lot that covers the session; else any she has."""
    ids = [lot.pk for lot in lots]
    return CreditLot.objects.filter(pk__in=ids).covering(booking.variant).fifo().first()


def _tell_it_was_too_late(booking: Booking, order: Order, refused: Exception, at: datetime) -> None:
    """The credit stays hers; she hears of near times, staff see why (M06)."""
    letters.owe(booking, "paid_but_taken", at=at, to=order.buyer)
    report_late(order=order, booking_id=booking.public_id, why=str(refused), at=at)
