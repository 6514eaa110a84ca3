"""Why a time is not offered (E28), and what a runner reads about it."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Reason(StrEnum):
    """One code a rule. The order is that in which a person is told."""

    INTAKE = "intake"  # E9
    ELIGIBILITY = "eligibility"  # E9, E24
    NOTICE = "notice"  # E6
    HORIZON = "horizon"  # E7
    GRID = "grid"  # E5
    CLOSED = "closed"  # E3
    TIME_OFF = "time_off"  # E3
    BUSY = "busy"  # E22
    OUTSIDE_HOURS = "outside_hours"  # E2
    RUNNER_LIMIT = "runner_limit"  # B16
    EXPIRED_CREDIT = "expired_credit"  # E25
    CAP_DAY = "cap_day"  # E8
    CAP_RUN = "cap_run"  # E8
    TRAVEL = "travel"  # E12
    OVERLAP = "overlap"  # E1
    TURNAROUND = "turnaround"  # E4
    HOLD = "hold"  # E13
    ROOM = "room"  # E11

    @property
    def sentence(self) -> str:
        return str(_SENTENCES[self])


# Two sessions in one pair of hands or in one room: nobody may set these aside (E23, B15).
PHYSICS = frozenset({Reason.OVERLAP, Reason.HOLD, Reason.ROOM})
# What staff may set aside with a reason; notice, horizon and grid never bind them.
OVERRIDABLE = frozenset(
    {
        Reason.INTAKE,
        Reason.ELIGIBILITY,
        Reason.CLOSED,
        Reason.TIME_OFF,
        Reason.BUSY,
        Reason.OUTSIDE_HOURS,
        Reason.RUNNER_LIMIT,
        Reason.CAP_DAY,
        Reason.CAP_RUN,
        Reason.TRAVEL,
        Reason.TURNAROUND,
    }
)
# Because of other sessions: other times are close, nothing was wrong with the wish.
TAKEN = frozenset(
    {
        Reason.OVERLAP,
        Reason.TURNAROUND,
        Reason.HOLD,
        Reason.ROOM,
        Reason.CAP_DAY,
        Reason.CAP_RUN,
        Reason.TRAVEL,
    }
)
# Rules about when a wish is made; a hold met them when it was made.
OF_ASKING = frozenset({Reason.NOTICE, Reason.HORIZON, Reason.GRID})

_SENTENCES = {
    Reason.INTAKE: _("Please call us before you book. We would like to talk first."),
    Reason.ELIGIBILITY: _("This session is not offered there. Choose another one."),
    Reason.NOTICE: _("That time is too soon to book online. Choose a later one."),
    Reason.HORIZON: _("The diary is not open for that day."),
    Reason.GRID: _("Sessions do not start at that time. Choose one from the list."),
    Reason.CLOSED: _("We are closed that day."),
    Reason.TIME_OFF: _("The therapist is away then."),
    Reason.BUSY: _("The therapist is busy then."),
    Reason.OUTSIDE_HOURS: _("Nobody works at that time."),
    Reason.RUNNER_LIMIT: _("You have a session then, or as many booked as we can keep for you."),
    Reason.EXPIRED_CREDIT: _("Your credit ends before that day."),
    Reason.CAP_DAY: _("The therapist's day is full. These are close."),
    Reason.CAP_RUN: _("The therapist needs a break then. These are close."),
    Reason.TRAVEL: _("The therapist is on the way from another place then. These are close."),
    Reason.OVERLAP: _("That time has just gone. These are close."),
    Reason.TURNAROUND: _("That time is too close to another session. These are close."),
    Reason.HOLD: _("Somebody is booking that time right now. These are close."),
    Reason.ROOM: _("No room is free at that time. These are close."),
}
