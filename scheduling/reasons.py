"""Why a time is not offered (E28), and what a runner reads about it."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Reason(StrEnum):
    """One code a rule. The order is that in which a person is told."""

    ELIGIBILITY = "eligibility"  # E9
    NOTICE = "notice"  # E6
    HORIZON = "horizon"  # E7
    GRID = "grid"  # E5
    CLOSED = "closed"  # E3
    TIME_OFF = "time_off"  # E3
    OUTSIDE_HOURS = "outside_hours"  # E2
    OVERLAP = "overlap"  # E1
    TURNAROUND = "turnaround"  # E4
    HOLD = "hold"  # E13
    ROOM = "room"  # E11

    @property
    def sentence(self) -> str:
        return str(_SENTENCES[self])


# Somebody else has it: other times are close, nothing was wrong with the wish.
TAKEN = frozenset({Reason.OVERLAP, Reason.TURNAROUND, Reason.HOLD, Reason.ROOM})
# Rules about when a wish is made; a hold met them when it was made.
OF_ASKING = frozenset({Reason.NOTICE, Reason.HORIZON, Reason.GRID})

_SENTENCES = {
    Reason.ELIGIBILITY: _("This session is not offered there. Choose another one."),
    Reason.NOTICE: _("That time is too soon to book online. Choose a later one."),
    Reason.HORIZON: _("The diary is not open that far ahead yet."),
    Reason.GRID: _("Sessions do not start at that time. Choose one from the list."),
    Reason.CLOSED: _("We are closed that day."),
    Reason.TIME_OFF: _("The therapist is away then."),
    Reason.OUTSIDE_HOURS: _("Nobody works at that time."),
    Reason.OVERLAP: _("That time has just gone. These are close."),
    Reason.TURNAROUND: _("That time is too close to another session. These are close."),
    Reason.HOLD: _("Somebody is booking that time right now. These are close."),
    Reason.ROOM: _("No room is free at that time. These are close."),
}
