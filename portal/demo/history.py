"""Two months of a practice, lived day by day through the portal's own acts.

Nothing here writes a row that an act would not write: people buy on the local Stripe server, its
clock standing where the day stands, they book what is free, change their minds, come or forget to
come, and the bookkeeper's jobs run every night. The same seed lives the same two months.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from accounts import outbox
from accounts.models import User
from payments import inbox, polling, selling
from payments import stripe_gateway as gateway
from payments.checking import check_mismatches
from payments.models import Package, ServiceVariant
from payments.sandbox.control_client import SandboxControl
from payments.wallets import wallet
from portal.demo.people import Runner, demo_login, runners
from portal.demo.practice import ZONE
from portal.demo.troubles import make_trouble
from scheduling import availability, booking, cancelling, day, moving, reminding
from scheduling.booking import BookingError
from scheduling.models import Booking, Location, Therapist

SEED = 26_2
DAYS = 61
MINUTE = timedelta(minutes=1)

Event = tuple[datetime, int, Callable[[datetime], None]]


@dataclass
class History:
    """Plays the days before ``now`` and leaves the diary of the coming week half full."""

    sandbox: SandboxControl
    site_url: str
    now: datetime
    tell: Callable[[str], None]
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - a story, no secret
    agenda: list[Event] = field(default_factory=list)

    def play(self) -> None:
        today = self.now.astimezone(ZoneInfo(ZONE)).date()
        start = today - timedelta(days=DAYS)
        self.sandbox.deliver("never")
        self.sandbox.set_clock(_moment(start, time(6)), freeze=True)
        keen = demo_login(joins_on=start + timedelta(days=30))
        people = [keen, *runners(self.random, start=start, end=today)]
        for passed in range(DAYS + 1):
            on = start + timedelta(days=passed)
            self._live(on, people)
            if on.isoweekday() == 7 or on == today:
                self.tell(f"  {on:%d %B}: {Booking.objects.count()} sessions so far")
        self._book(keen, self.now)
        self._sweep(self.now)
        make_trouble(sandbox=self.sandbox, at=self.now)
        self._sweep(self.now)
        check_mismatches(at=self.now)
        self.sandbox.follow_real_time()
        self.sandbox.deliver("before")

    def _live(self, on: date, people: list[Runner]) -> None:
        """One day: who buys and books, who comes, and the jobs of the night."""
        self.agenda = []
        for runner in people:
            if runner.joins_on <= on:
                self._plan_booking(runner, on)
        for session in _sessions_of(on):
            self._plan_session(session)
        self.agenda.sort(key=lambda event: event[:2])
        for at, _, happens in self.agenda:
            if at <= self.now:
                happens(at)
        night = min(_moment(on, time(23, 50)), self.now)
        self._sweep(night)

    # --- buying and booking ----------------------------------------------------------------

    def _plan_booking(self, runner: Runner, on: date) -> None:
        wants = on == runner.joins_on or self.random.random() < 1.6 / runner.days_between
        if wants:
            at = _moment(on, time(self.random.randrange(8, 22), self.random.randrange(60)))
            self._plan(at, lambda moment: self._book(runner, moment))

    def _book(self, runner: Runner, at: datetime) -> None:
        user = _user(runner, at)
        if Booking.objects.of(user).upcoming(at).exists():
            return
        variant = ServiceVariant.objects.get(code=f"{runner.service}-{runner.minutes}")
        held = self._hold(runner, user, variant, at)
        if held is None:
            return
        credits = wallet(user, on=at.date()).variant_available(variant.code)
        if credits:
            _quietly(lambda: booking.confirm_with_credit(booking=held, runner=user, by=user, at=at))
        else:
            self._buy(runner, user, held, at)

    def _hold(
        self, runner: Runner, user: User, variant: ServiceVariant, at: datetime
    ) -> Booking | None:
        location = Location.objects.get(code=runner.location)
        liked = Therapist.objects.filter(code=runner.likes).first() if runner.likes else None
        first = at.astimezone(ZoneInfo(ZONE)).date() + timedelta(days=self.random.randrange(1, 6))
        for therapist in (liked, None) if liked else (None,):
            free = availability.free_times(
                variant=variant,
                location=location,
                therapist=therapist,
                start=first,
                end=first + timedelta(days=4),
                at=at,
            )
            if free:
                wanted = self.random.choice(free)
                return booking.hold_time(
                    variant=variant,
                    location=location,
                    starts_at=wanted.starts_at,
                    therapist=therapist,
                    hold_key=f"demo:{user.pk}",
                    runner=user,
                    at=at,
                )
        return None

    def _buy(self, runner: Runner, user: User, held: Booking, at: datetime) -> None:
        """At Stripe, as a runner does: the paid order turns the hold into a session."""
        is_first = not user.orders.exists()
        package = Package.objects.get(
            code=runner.first_package if is_first else runner.next_package
        )
        self.sandbox.set_clock(at)
        order = selling.place_order(buyer=user, package=package, at=at, reserved_for=held.public_id)
        attempt = selling.start_checkout(
            order=order,
            success_url=f"{self.site_url}/account/",
            cancel_url=f"{self.site_url}/account/",
            expires_at=at + timedelta(hours=1),
            at=at,
        )
        if not attempt.stripe_session_id:
            raise RuntimeError("The local Stripe server made no session.")
        if self.random.random() < 0.06:
            self.sandbox.pay(attempt.stripe_session_id, card="4000000000000002")
        self.sandbox.pay(attempt.stripe_session_id)
        selling.fulfil(session_id=attempt.stripe_session_id, at=at + MINUTE)

    # --- coming, moving, cancelling ----------------------------------------------------------

    def _plan_session(self, session: Booking) -> None:
        habits = self.random.random()
        if habits < 0.04:
            self._plan(session.starts_at - timedelta(hours=3), lambda at: _cancel(session, at))
        elif habits < 0.07:
            self._plan(session.starts_at + timedelta(minutes=20), lambda at: _forget(session, at))
        else:
            early = timedelta(minutes=self.random.randrange(1, 12))
            self._plan(session.starts_at - early, lambda at: _arrive(session, at))
            self._plan(session.ends_at + MINUTE, lambda at: _finish(session, at))
        self._plan_second_thoughts(session)

    def _plan_second_thoughts(self, session: Booking) -> None:
        """Some who are booked for later change their minds today, in time."""
        later = (
            Booking.objects.filter(state=Booking.State.CONFIRMED)
            .filter(starts_at__gt=session.starts_at + timedelta(hours=40))
            .order_by("starts_at")
            .first()
        )
        chance = self.random.random()
        if later is None or chance > 0.12:
            return
        at = session.starts_at.replace(minute=self.random.randrange(60))
        if chance < 0.06:
            self._plan(at, lambda moment: _cancel(later, moment))
        else:
            self._plan(at, lambda moment: self._move(later, moment))

    def _move(self, session: Booking, at: datetime) -> None:
        start = session.starts_local.date()
        free = availability.free_times(
            variant=session.variant,
            location=session.location,
            therapist=session.therapist,
            start=start,
            end=start + timedelta(days=5),
            at=at,
            ignoring=session,
        )
        if free and session.runner:
            wanted = self.random.choice(free)
            _quietly(
                lambda: moving.move_booking(
                    booking=session,
                    starts_at=wanted.starts_at,
                    therapist=session.therapist,
                    by=session.runner,
                    at=at,
                )
            )

    # --- the night -----------------------------------------------------------------------------

    def _sweep(self, at: datetime) -> None:
        """What the worker's periodic jobs do, once a day."""
        self.sandbox.set_clock(at)
        booking.release_expired_holds(at=at)
        day.complete_due(at=at)
        reminding.queue_reminders(at=at)
        self._hear(at)
        polling.poll_events(at=at)
        polling.sweep_balance_transactions(at=at)
        polling.sync_payouts(at=at)
        while outbox.send_due(at=at, limit=500):
            pass

    def _hear(self, at: datetime) -> None:
        """The day's webhooks: the practice was open, so Stripe's events came to its door."""
        for event in gateway.list_events(created_since=at - timedelta(days=1, hours=1)):
            if inbox.store(event, signed=True, at=at):
                inbox.handle(event.id, at=at)

    def _plan(self, at: datetime, happens: Callable[[datetime], None]) -> None:
        # The counter keeps the order of equal moments, and functions are never compared.
        self.agenda.append((at, len(self.agenda), happens))


def _sessions_of(on: date) -> list[Booking]:
    zone = ZoneInfo(ZONE)
    start = datetime.combine(on, time.min, tzinfo=zone)
    booked = Booking.objects.booked().with_everything()
    return list(
        booked.filter(starts_at__gte=start, starts_at__lt=start + timedelta(days=1)).order_by(
            "starts_at", "pk"
        )
    )


def _user(runner: Runner, at: datetime) -> User:
    user = User.objects.filter(email=runner.email).first()
    return user or User.objects.create_user(runner.email, name=runner.name, joined_at=at)


def _cancel(session: Booking, at: datetime) -> None:
    _quietly(
        lambda: cancelling.cancel_booking(booking=session, by=session.runner, at=at, reason="")
    )


def _arrive(session: Booking, at: datetime) -> None:
    _quietly(lambda: day.check_in(booking=session, by=None, at=at))


def _finish(session: Booking, at: datetime) -> None:
    _quietly(lambda: day.complete(booking=session, by=None, at=at))


def _forget(session: Booking, at: datetime) -> None:
    _quietly(lambda: day.mark_no_show(booking=session, by=None, at=at))


def _quietly(act: Callable[[], object]) -> None:
    """An act the rules refuse is part of life: a session moved meanwhile cannot be done."""
    try:
        act()
    except BookingError:
        return


def _moment(on: date, at: time) -> datetime:
    return datetime.combine(on, at, tzinfo=ZoneInfo(ZONE))
