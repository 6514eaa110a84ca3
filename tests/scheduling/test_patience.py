"""Busy is not the same as no."""

import pytest
from django.db import OperationalError

from scheduling import booking
from scheduling.booking import Busy, TimeTaken
from scheduling.models import Booking
from scheduling.patience import ATTEMPTS, patiently
from scheduling.reasons import Reason
from tests.scheduling.builders import hold


def locked_out(times, answer="done"):
    """An act that is locked out so many times, and then answers."""
    left = [times]

    def act(*_, **__):
        if left[0]:
            left[0] -= 1
            raise OperationalError("database is locked")
        return answer

    return act


def test_an_act_that_was_locked_out_is_tried_again():
    assert patiently(locked_out(ATTEMPTS - 1)) == "done"


def test_after_some_attempts_it_says_so():
    with pytest.raises(Busy, match="try again"):
        patiently(locked_out(ATTEMPTS))


def test_another_trouble_of_the_database_is_not_hidden():
    def broken():
        raise OperationalError("no such table")

    with pytest.raises(OperationalError, match="no such table"):
        patiently(broken)


def test_who_cannot_get_at_the_diary_hears_that_the_time_is_being_booked(practice, monkeypatch):
    monkeypatch.setattr(booking, "_claim", locked_out(ATTEMPTS))

    with pytest.raises(TimeTaken) as refused:
        hold(practice)

    assert refused.value.reason == Reason.HOLD
    assert len(refused.value.nearest) == 3
    assert not Booking.objects.exists()
