"""B1, B2, B3: what a list of four weeks costs by what is asked, and by what is stored."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from benchmarks import diaries
from benchmarks.diaries import Diary
from benchmarks.measuring import Ratio, in_turn
from benchmarks.practice import AT, FULL, START, WINDOW_DAYS, in_the_window
from scheduling.availability import FreeTime, free_times
from scheduling.models import Booking

END = START + timedelta(days=WINDOW_DAYS)
FIRST, LAST = (datetime.combine(day, time.min, tzinfo=UTC) for day in (START, END))


def run(quick: bool) -> list[Ratio]:
    return [*_by_what_is_stored(quick), *_by_how_many_work(quick)]


def _by_what_is_stored(quick: bool) -> list[Ratio]:
    sizes = (1_000, 10_000, 100_000) if quick else (1_000, 10_000, 100_000, 1_000_000)
    kept = [diaries.new(stored) for stored in sizes]
    b1 = kept[2]
    assert len({len(asked(diary)()) for diary in kept}) == 1, "the window is the same"
    full = diaries.new(sizes[2], day=FULL)
    *lists, fetched, packed, all_of_them = in_turn(
        *(asked(diary) for diary in kept),
        fetching(b1, in_the_window()),
        asked(full),
        fetching(full, in_the_window(day=FULL)),
        rounds=15,
    )
    thousand, little, hundred, most = lists[0], lists[1], lists[2], lists[-1]
    names = [f"free times, {stored:,} stored" for stored in sizes]
    rows = f"fetching the {in_the_window():,} rows of the window"
    many = f"fetching {in_the_window(day=FULL):,} rows"
    return [
        Ratio("B1", names[2], hundred, rows, fetched, "<= 3.0"),
        Ratio("B1 full", f"{names[2]}, window full", packed, many, all_of_them, "<= 3.0"),
        Ratio("B2", names[-1], most, names[1], little, "<= 1.3"),
        Ratio("B2 growth", names[-1], most, names[0], thousand, "none; 1 is ideal"),
    ]


def _by_how_many_work(quick: bool) -> list[Ratio]:
    sizes = (3, 30, 300) if quick else (10, 100, 1_000)
    kept = [diaries.new(in_the_window(people), people) for people in sizes]
    few, some, many = in_turn(*(asked(diary) for diary in kept), rounds=5)
    names = [f"free times, {people:,} therapists" for people in sizes]
    return [
        Ratio("B3", names[2], many, names[1], some, "<= 12"),
        Ratio("B3 growth", names[1], some, names[0], few, "none; 10 is in proportion"),
    ]


def asked(diary: Diary) -> Callable[[], list[FreeTime]]:
    """Four weeks of "anyone"."""

    def ask() -> list[FreeTime]:
        with diary.open():
            found = free_times(
                variant=diary.variant,
                location=diary.location,
                therapist=None,
                start=START,
                end=END,
                at=AT,
            )
        assert found, "a practice with room must show free times"
        return found

    return ask


def fetching(diary: Diary, expected: int) -> Callable[[], object]:
    """The rows a list is made of, and nothing done with them."""

    def fetch() -> object:
        with diary.open():
            window = Booking.objects.occupying().filter(starts_at__gte=FIRST, starts_at__lt=LAST)
            rows = list(window.values_list("therapist_id", "room_id", "starts_at", "frees_at"))
        assert len(rows) == expected
        return rows

    return fetch
