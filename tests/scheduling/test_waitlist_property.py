"""Whatever happens in whatever order, nothing stays held or set aside for nothing (E14)."""

from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.invariants import breaches as breaches_of_the_books
from scheduling.booking import release_expired_holds
from scheduling.cancelling import cancel_booking
from scheduling.errors import BookingError
from scheduling.models import Booking, WaitlistEntry, WaitlistOffer
from scheduling.waitlisting.answering import accept, decline
from scheduling.waitlisting.joining import withdraw
from scheduling.waitlisting.offering import serve_waitlist
from tests.scheduling.builders import TUESDAY_9, TWO_DAYS_BEFORE, make_practice
from tests.scheduling.waitlist import MINUTE, breaches, fill, pick, someone, wait

RUNNERS = 3
who = st.integers(0, RUNNERS - 1)
what = st.one_of(
    st.tuples(st.just("free"), st.integers(0, 3)),
    st.tuples(st.just("wait"), who),
    st.tuples(st.just("say_yes"), who),
    st.tuples(st.just("say_no"), who),
    st.tuples(st.just("leave"), who),
    st.tuples(st.just("pick"), who),
    st.tuples(st.just("later"), st.sampled_from([1, 5, 12, 31, 33])),
    st.tuples(st.just("lapse"), who),
)


class Life(TestCase):
    """A day booked out, three who may wait for it, the last of them without a credit."""

    @classmethod
    def setUpTestData(cls):
        cls.practice = make_practice(rooms=1, therapists=1)
        cls.full = fill(cls.practice, TUESDAY_9)
        cls.runners = [
            someone(cls.practice, f"runner-{number}", credits=credits)
            for number, credits in enumerate((2, 1, 0))
        ]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(what, max_size=14))
    def test_no_credit_and_no_time_is_left_behind(self, steps):
        self.at = TWO_DAYS_BEFORE
        for name, value in steps:
            with suppress(BookingError):  # a refusal is an answer; what it leaves must be right
                getattr(self, name)(value)
            serve_waitlist(at=self.at)
            assert breaches() == []
        self.at += timedelta(hours=2)
        serve_waitlist(at=self.at)  # the offers end, and perhaps others are made
        for entry in WaitlistEntry.objects.still_open():
            withdraw(entry=entry, by=None, at=self.at)
        release_expired_holds(at=self.at)

        assert breaches() == []
        assert not WaitlistOffer.objects.still_open().exists()
        assert not Booking.objects.filter(state="held", waitlist_offer__isnull=False).exists()
        assert breaches_of_the_books() == []

    def free(self, number):
        cancel_booking(booking=self.full[number], by=None, at=self.at)

    def wait(self, number):
        wait(self.practice, self.runners[number], at=self.at)

    def say_yes(self, number):
        for offer in self.offers_to(number):
            accept(offer=offer, by=self.runners[number], at=self.at)

    def say_no(self, number):
        for offer in self.offers_to(number):
            decline(offer=offer, by=self.runners[number], at=self.at, keep=number > 0)

    def leave(self, number):
        for entry in WaitlistEntry.objects.of(self.runners[number]):
            withdraw(entry=entry, by=self.runners[number], at=self.at)

    def pick(self, number):
        pick(self.practice, self.runners[number], self.full[number].starts_at, at=self.at)

    def lapse(self, number):
        """The worker stood still, and the other job comes first."""
        self.at += 40 * MINUTE
        release_expired_holds(at=self.at)

    def later(self, minutes):
        self.at += minutes * MINUTE

    def offers_to(self, number):
        return WaitlistOffer.objects.filter(entry__runner=self.runners[number])
