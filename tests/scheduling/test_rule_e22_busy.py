"""What a therapist's other calendar says is busy is not free (E22)."""

from scheduling.models import BusyCalendar
from scheduling.reasons import Reason
from tests.scheduling.asked import busy, off, quarters, reasons, starts
from tests.scheduling.builders import ONE_HOUR, TUESDAY_9, TUESDAY_10, TUESDAY_11


def test_busy_time_takes_its_part_of_the_day(practice):
    busy(practice, TUESDAY_10, TUESDAY_11)

    assert starts(practice) == ["09:00", *quarters("11:00", "16:00")]
    assert reasons(practice, TUESDAY_10) == [Reason.BUSY]
    assert starts(practice, therapist="lena") == quarters("09:00", "16:00")


def test_stretches_may_overlap_each_other_and_time_off(practice):
    busy(practice, TUESDAY_10, TUESDAY_11)
    busy(practice, TUESDAY_9, TUESDAY_11 + ONE_HOUR)
    off(practice, TUESDAY_10, TUESDAY_11)

    assert starts(practice)[0] == "12:00"
    assert reasons(practice, TUESDAY_10) == [Reason.TIME_OFF, Reason.BUSY]


def test_a_calendar_out_of_use_blocks_nothing(practice):
    busy(practice, TUESDAY_10, TUESDAY_11)
    BusyCalendar.objects.update(is_active=False)

    assert starts(practice) == quarters("09:00", "16:00")
