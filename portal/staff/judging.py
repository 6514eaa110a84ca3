"""One start as the desk sees it: who could give the session, and the rules against it (E23, E28).

Shared by walk-ins, moves and the board's drag. The acts judge again; this is what people read
before they press the button.
"""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from payments.models import ServiceVariant
from portal.staff.rules import all_in_words
from scheduling.availability import Verdict, verdicts
from scheduling.models import Booking, Location, Therapist
from scheduling.reasons import OVERRIDABLE, Reason


@dataclass(frozen=True, slots=True)
class Judgement:
    """What stands against one start for the therapist most able to take it."""

    therapist_code: str
    therapist_name: str
    reasons: tuple[Reason, ...]

    @property
    def is_free(self) -> bool:
        return not self.reasons

    @property
    def can_be_overridden(self) -> bool:
        """Rules may be set aside with a reason, a second body in the same room never (B15)."""
        return bool(self.reasons) and OVERRIDABLE.issuperset(self.reasons)

    @property
    def words(self) -> str:
        return all_in_words(self.reasons)

    @property
    def codes(self) -> str:
        """As a form carries them."""
        return ",".join(self.reasons)


def judge(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    starts_at: datetime,
    at: datetime,
    runner: User | None = None,
    moving: Booking | None = None,
    prefer: str = "",
) -> Judgement:
    """The named therapist's, else of all the one with least against them, ``prefer`` before."""
    found = verdicts(
        variant=variant,
        location=location,
        therapist=therapist,
        starts_at=starts_at,
        at=at,
        ignoring=(moving.pk,) if moving else (),
        for_staff=True,
        runner=runner,
    )
    best = min(found, key=lambda one: _against(one, prefer))
    return Judgement(best.therapist_code, best.therapist_name, best.reasons)


def _against(verdict: Verdict, prefer: str) -> tuple[bool, bool, bool, int]:
    return (
        bool(verdict.reasons),
        not OVERRIDABLE.issuperset(verdict.reasons),
        verdict.therapist_code != prefer,
        verdict.hands_on_minutes,
    )


def overriding_asked(codes: str) -> frozenset[Reason]:
    """The rules a form says to set aside; codes nobody may set aside, or nobody knows, are not."""
    return frozenset(one for one in OVERRIDABLE if one.value in codes.split(","))
