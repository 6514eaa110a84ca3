"""I06 to I12: credits are nowhere below zero, and each session has its own."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from payments.days import end_of, practice_day
from payments.invariants import Breach
from payments.models import Bucket, CreditEntry, CreditLot
from portal.invariants.base import Rule, of_booking, of_lot, rows, uuid_of
from scheduling.models import OCCUPYING, Booking, BookingChange
from scheduling.proving import BOOKED, TELLING, USES_ONE
from scheduling.terms import free_until_of

Kind = CreditEntry.Kind
ISSUING: Final = (Kind.PURCHASE, Kind.GOODWILL, Kind.TRANSFER)
STAYING: Final = (Kind.EXTEND, Kind.FREEZE, Kind.THAW)

# Each entry is a step down in one bucket and a step up in another; history is the running sum.
LOWEST: Final = """
    SELECT lot.public_id, steps.bucket, MIN(steps.level)
      FROM (SELECT lot_id, bucket,
                   SUM(step) OVER (PARTITION BY lot_id, bucket ORDER BY id) AS level
              FROM (SELECT id, lot_id, to_bucket AS bucket, units AS step
                      FROM payments_creditentry WHERE to_bucket <> from_bucket
                    UNION ALL
                    SELECT id, lot_id, from_bucket, -units
                      FROM payments_creditentry WHERE to_bucket <> from_bucket) AS moved
             WHERE bucket <> 'issued') AS steps
      JOIN payments_creditlot AS lot ON lot.id = steps.lot_id
     GROUP BY lot.public_id, steps.bucket
    HAVING MIN(steps.level) < 0
"""
# What the entries say each session holds of each lot, where that cannot be.
HELD: Final = f"""
    SELECT unit.booking_id, unit.held, booking.state
      FROM (SELECT booking_id, lot_id,
                   SUM(CASE WHEN to_bucket = 'reserved' THEN units ELSE -units END) AS held
              FROM payments_creditentry
             WHERE booking_id IS NOT NULL AND to_bucket <> from_bucket
               AND (to_bucket = 'reserved' OR from_bucket = 'reserved')
             GROUP BY booking_id, lot_id) AS unit
      LEFT JOIN scheduling_booking AS booking ON booking.public_id = unit.booking_id
     WHERE unit.held <> 0
       AND (unit.held <> 1 OR booking.id IS NULL
            OR booking.state NOT IN ({", ".join(f"'{state}'" for state in OCCUPYING)}))
"""  # noqa: S608 - our own states
# The same of what is held or used, over all lots: a session takes one and is done with it.
SPENT: Final = f"""
    SELECT unit.booking_id, unit.held, unit.used, booking.state
      FROM (SELECT booking_id,
                   SUM(CASE WHEN to_bucket = 'reserved' THEN units
                            WHEN from_bucket = 'reserved' THEN -units ELSE 0 END) AS held,
                   SUM(CASE WHEN to_bucket = 'used' THEN units
                            WHEN from_bucket = 'used' THEN -units ELSE 0 END) AS used
              FROM payments_creditentry
             WHERE booking_id IS NOT NULL AND to_bucket <> from_bucket
             GROUP BY booking_id) AS unit
      LEFT JOIN scheduling_booking AS booking ON booking.public_id = unit.booking_id
     WHERE unit.held + unit.used > 1 OR unit.used < 0
        OR (unit.used > 0 AND (booking.id IS NULL OR booking.state NOT IN
            ({", ".join(f"'{state}'" for state in USES_ONE)})))
"""  # noqa: S608 - our own states
STRANGERS: Final = """
    SELECT DISTINCT entry.booking_id
      FROM payments_creditentry AS entry
      JOIN payments_creditlot AS lot ON lot.id = entry.lot_id
      JOIN scheduling_booking AS booking ON booking.public_id = entry.booking_id
     WHERE entry.kind = 'reserve'
       AND (booking.runner_id IS NULL OR booking.runner_id <> lot.owner_id)
"""


def buckets_below_zero(at: datetime) -> Iterator[Breach]:
    for public_id, bucket, lowest in rows(LOWEST):
        yield of_lot("I06", public_id, f"{bucket} was below zero", int(lowest))


def not_issued_once(at: datetime) -> Iterator[Breach]:
    issues = Q(entries__from_bucket=Bucket.ISSUED, entries__kind__in=ISSUING)
    lots = CreditLot.objects.order_by().annotate(
        times=Count("entries", filter=issues),
        issued=Coalesce(Sum("entries__units", filter=issues), 0),
    )
    wrong = lots.filter(~Q(times=1) | ~Q(issued=F("units")))
    for public_id, units, issued in wrong.values_list("public_id", "units", "issued"):
        yield of_lot("I07", public_id, "it was not issued once and in full", units - issued)
    yield from _strange_entries()


def _strange_entries() -> Iterator[Breach]:
    lost = ~Exists(CreditLot.objects.filter(pk=OuterRef("lot_id")))
    moves_nothing = Q(units__lte=0) & ~Q(kind__in=STAYING)
    stays = Q(to_bucket=F("from_bucket")) & ~Q(kind__in=STAYING)
    wrong = CreditEntry.objects.order_by().filter(Q(lost) | moves_nothing | stays)
    for pk, units in wrong.values_list("pk", "units"):
        what = "it moves nothing, stays where it was, or is of no package"
        yield Breach("I07", f"entry {pk}", what, units)


def _told_of_credit() -> "QuerySet[BookingChange]":
    """What was written down when it was booked or paid: that a credit was set aside."""
    told = BookingChange.objects.filter(
        booking=OuterRef("pk"), kind__in=TELLING, details__has_key="lot"
    )
    return told.exclude(details__lot=None)


def _with_units_in(bucket: str) -> Any:
    moved = CreditEntry.objects.filter(booking_id__isnull=False).order_by().values("booking_id")
    entered, left = Q(to_bucket=bucket), Q(from_bucket=bucket)
    level = Coalesce(Sum("units", filter=entered), 0) - Coalesce(Sum("units", filter=left), 0)
    return moved.annotate(level=level).filter(level__gt=0).values("booking_id")


def held_otherwise(at: datetime) -> Iterator[Breach]:
    for booking_id, held, state in rows(HELD):
        if state is None:
            yield Breach("I08", uuid_of(booking_id), "a credit is held for no session", int(held))
        else:
            yield of_booking("I08", booking_id, f"it is {state} and holds {held} of a package")
    active = Booking.objects.order_by().filter(Exists(_told_of_credit()), state__in=BOOKED)
    without = active.exclude(public_id__in=_with_units_in(Bucket.RESERVED))
    for public_id in without.values_list("public_id", flat=True):
        yield of_booking("I08", public_id, "booked with a credit, and no package holds it")


def settled_otherwise(at: datetime) -> Iterator[Breach]:
    for booking_id, held, used, state in rows(SPENT):
        if state is None:
            yield Breach("I09", uuid_of(booking_id), "a credit was used for no session", int(used))
        else:
            yield of_booking("I09", booking_id, f"it is {state}, holds {held} and used {used}")
    waived = BookingChange.objects.filter(booking=OuterRef("pk"), details__waived=True)
    over = Booking.objects.order_by().filter(Exists(_told_of_credit()), state__in=USES_ONE)
    unsettled = over.filter(~Exists(waived)).exclude(public_id__in=_with_units_in(Bucket.USED))
    for public_id in unsettled.values_list("public_id", flat=True):
        yield of_booking("I09", public_id, "over, and the credit it was booked with is not used")
    yield from _late_and_free()


def _late_and_free() -> Iterator[Breach]:
    """Cancelled by the runner after the free time, and counted as in time; or the other way."""
    told = BookingChange.objects.filter(
        kind=BookingChange.Kind.CANCELLED,
        to_state__in=(Booking.State.CANCELLED_ONTIME, Booking.State.CANCELLED_LATE),
        to_state=F("booking__state"),
    ).exclude(from_state=F("to_state"))
    for change in told.select_related("booking__policy").iterator():
        in_time = change.at <= free_until_of(change.booking)
        if in_time != (change.to_state == Booking.State.CANCELLED_ONTIME):
            public_id = change.booking.public_id
            yield of_booking("I09", public_id, "it was cancelled at another time than it says")


def others_credits(at: datetime) -> Iterator[Breach]:
    for (booking_id,) in rows(STRANGERS):
        yield of_booking("I10", booking_id, "paid with somebody else's package")


def expired_otherwise(at: datetime) -> Iterator[Breach]:
    wrong = CreditEntry.objects.filter(kind=Kind.EXPIRE).exclude(from_bucket=Bucket.AVAILABLE)
    for public_id, units in wrong.values_list("lot__public_id", "units"):
        yield of_lot("I11", public_id, "what ended was not free", units)
    yield from _ended_early()
    yesterday = practice_day(at) - timedelta(days=1)
    over = CreditLot.objects.active().over_by(yesterday).with_available().order_by()
    for lot in over.only("public_id"):
        what = "its last day is over, and credits are free"
        yield of_lot("I11", lot.public_id, what, lot.available)  # type: ignore[attr-defined]


def _ended_early() -> Iterator[Breach]:
    longer = CreditEntry.objects.filter(
        lot=OuterRef("lot"), pk__gt=OuterRef("pk"), expires_on_after__isnull=False
    )
    ends = CreditEntry.objects.filter(~Exists(longer), kind=Kind.EXPIRE).order_by()
    columns = ("lot__public_id", "lot__expires_on", "occurred_at", "effective_at")
    for public_id, last_day, occurred_at, effective_at in ends.values_list(*columns).iterator():
        if (occurred_at or effective_at) < end_of(last_day):
            yield of_lot("I11", public_id, "credits ended before its last day was over")


def booked_on_expired(at: datetime) -> Iterator[Breach]:
    """By the latest last day the package ever had: it may have been shortened since."""
    taken = CreditEntry.objects.filter(kind=Kind.RESERVE).order_by()
    columns = ("booking_id", "posted_at", "lot__expires_on", "ever")
    late = taken.annotate(ever=Max("lot__entries__expires_on_before")).filter(
        posted_at__date__gt=F("lot__expires_on")
    )
    for booking_id, posted_at, last_day, ever in late.values_list(*columns).iterator():
        if practice_day(posted_at) > max(last_day, ever or last_day):
            yield of_booking("I12", booking_id, "booked when its package was over")


RULES = (
    Rule(
        "I06",
        "No credit was ever spent twice",
        "At no moment of its history does a package hold less than nothing in any bucket.",
        buckets_below_zero,
    ),
    Rule(
        "I07",
        "A package is issued once and in full",
        "Each has one entry that issues all of its credits; no movement is empty, in place or of"
        " no package.",
        not_issued_once,
    ),
    Rule(
        "I08",
        "A package holds one credit for each session to come",
        "Each credit set aside is for one session that is held, booked or under way, and each"
        " session booked with a credit has one set aside.",
        held_otherwise,
    ),
    Rule(
        "I09",
        "A session takes one credit and settles it once",
        "Done, missed and late ones used one unless staff waived it; others used none. Late is"
        " what was cancelled after the free time by the terms agreed to.",
        settled_otherwise,
    ),
    Rule(
        "I10",
        "A session is paid by its own runner's package",
        "The package a credit was set aside from belongs to whoever the session is for.",
        others_credits,
    ),
    Rule(
        "I11",
        "Credits end after their last day, and only free ones",
        "None ended earlier or while held, and a day later none is left free.",
        expired_otherwise,
    ),
    Rule(
        "I12",
        "Nothing is booked on a package that is over",
        "No credit was set aside after the last day of its package.",
        booked_on_expired,
    ),
)
