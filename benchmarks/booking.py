"""B5, in process: booking by credit against the bare guarded rows it writes."""

import itertools
from datetime import timedelta

from django.db import transaction

from accounts.models import User
from benchmarks.measuring import Ratio, in_turn
from benchmarks.practice import AT, START, build
from payments import crediting
from payments.models import CreditLot
from scheduling.availability import free_times
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.models import Booking, BookingChange


def run(quick: bool) -> list[Ratio]:
    variant, location = build(0)
    runner = User.objects.get(email="bench@example.org")
    crediting.grant_goodwill(
        owner=runner,
        variants=[variant],
        units=500,
        reason="To be spent by a benchmark",
        by=None,
        at=AT,
        expires_on=START + timedelta(days=365),
    )
    free = free_times(
        variant=variant,
        location=location,
        therapist=None,
        start=START,
        end=START + timedelta(days=20),
        at=AT,
    )
    # Whole hours, so that no two of them meet.
    starts = iter(sorted({one.starts_at for one in free if one.starts_at.minute == 0}))
    spare = itertools.count()

    def ours() -> object:
        held = hold_time(
            variant=variant,
            location=location,
            starts_at=next(starts),
            therapist=None,
            hold_key=f"bench-{next(spare)}",
            runner=runner,
            at=AT,
        )
        return confirm_with_credit(booking=held, runner=runner, by=runner, at=AT)

    def bare() -> object:
        model = Booking.objects.order_by("-pk").first()
        assert model is not None
        with transaction.atomic():
            CreditLot.objects.select_for_update().first()
            twin = Booking.objects.get(pk=model.pk)
            twin.pk, twin.public_id = None, CreditLot._meta.get_field("public_id").get_default()
            twin.starts_at += timedelta(days=400, hours=2 * next(spare))
            twin.ends_at = twin.starts_at + timedelta(minutes=60)
            twin.frees_at = twin.starts_at + timedelta(minutes=70)
            twin._state.adding = True
            twin.save()
            return BookingChange.objects.create(
                booking=twin, to_state=twin.state, kind=BookingChange.Kind.CONFIRMED, at=AT
            )

    booked, guarded = in_turn(ours, bare, rounds=8 if quick else 15)
    return [
        Ratio(
            "B5*",
            "hold and confirm with a credit, in process",
            booked,
            "the bare guarded rows",
            guarded,
            "measured only: B5 speaks of 8 clients over HTTP",
        )
    ]
