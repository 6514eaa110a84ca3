"""I01 to I25 over many sessions, each with its credit and history: ten seconds at most (R15)."""

import uuid
from datetime import timedelta
from itertools import islice

from accounts.models import User
from benchmarks.measuring import Ratio, in_turn
from benchmarks.practice import AT, START, build
from payments.models import CreditEntry, CreditLot, Policy
from portal.invariants.asking import ask_all
from scheduling.models import Booking, BookingChange

MANY, FEW = 100_000, 10_000
UNITS = 10
BATCH = 5_000


def run(quick: bool) -> list[Ratio]:
    stored = FEW if quick else MANY
    build(stored)
    _credits()
    [cost, bare] = in_turn(lambda: ask_all(at=AT), _count, rounds=1 if quick else 3)
    for verdict in ask_all(at=AT):
        print(f"  {verdict.rule.code} {verdict.took_ms} ms")
    ours = f"I01 to I25 over {stored:,} sessions"
    return [Ratio("R15", ours, cost, "reading every session once", bare, "10 s at 100,000")]


def _count() -> int:
    return sum(1 for _ in Booking.objects.values_list("public_id", "state").iterator())


def _credits() -> None:
    """A package for every ten sessions, a credit of it for each, and when each was booked."""
    runner = User.objects.get(email="bench@example.org")
    bookings = iter(Booking.objects.order_by("pk").values_list("pk", "public_id").iterator())
    while some := list(islice(bookings, BATCH)):
        lots = CreditLot.objects.bulk_create(
            CreditLot(
                owner=runner,
                name="Bench",
                units=UNITS,
                unit_values=[0] * UNITS,
                starts_on=START - timedelta(days=4000),
                expires_on=START + timedelta(days=4000),
                granted_at=AT,
                policy_id=Policy.objects.get(code="bench").pk,
                is_goodwill=True,
            )
            for _ in range(-(-len(some) // UNITS))
        )
        CreditEntry.objects.bulk_create(
            _entry(lot, "goodwill", UNITS, ("issued", "available"), actor=runner) for lot in lots
        )
        CreditEntry.objects.bulk_create(
            _entry(lots[place // UNITS], "reserve", 1, ("available", "reserved"), booking_id=key)
            for place, (_, key) in enumerate(some)
        )
        BookingChange.objects.bulk_create(
            BookingChange(
                booking_id=pk,
                to_state="confirmed",
                kind="confirmed",
                at=AT,
                details={"lot": str(lots[place // UNITS].public_id)},
            )
            for place, (pk, _) in enumerate(some)
        )


def _entry(lot: CreditLot, kind: str, units: int, way: tuple[str, str], **more) -> CreditEntry:
    return CreditEntry(
        lot=lot,
        kind=kind,
        units=units,
        from_bucket=way[0],
        to_bucket=way[1],
        effective_at=AT,
        posted_at=AT,
        source=str(uuid.uuid4()),
        **more,
    )
