"""B1, B2: free times of ten therapists over four weeks, with little and with much history."""

from datetime import UTC, datetime, time, timedelta

from benchmarks.measuring import Ratio, in_turn
from benchmarks.practice import AT, START, WINDOW_DAYS, build
from scheduling.availability import free_times
from scheduling.models import Booking

LITTLE, MUCH = 10_000, 100_000
END = START + timedelta(days=WINDOW_DAYS)


def run() -> list[Ratio]:
    little, _ = _measure(LITTLE)
    much, fetching = _measure(MUCH)
    return [
        Ratio(
            "B1",
            f"free times, {MUCH:,} sessions stored",
            much,
            "fetching the rows of the window",
            fetching,
            "<= 3.0",
        ),
        Ratio(
            "B2",
            f"free times, {MUCH:,} stored (the target speaks of a million)",
            much,
            f"free times, {LITTLE:,} stored",
            little,
            "<= 1.3",
        ),
    ]


def _measure(stored: int) -> tuple[float, float]:
    variant, location = build(stored)

    def ours() -> object:
        return free_times(
            variant=variant, location=location, therapist=None, start=START, end=END, at=AT
        )

    def fetching() -> object:
        window = Booking.objects.occupying().filter(
            starts_at__gte=datetime.combine(START, time.min, tzinfo=UTC),
            starts_at__lt=datetime.combine(END, time.min, tzinfo=UTC),
        )
        return list(window.values_list("therapist_id", "room_id", "starts_at", "frees_at"))

    assert ours(), "a practice with room must show free times"
    return in_turn(ours, fetching)
