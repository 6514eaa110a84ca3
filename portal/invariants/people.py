"""I22, I24 and I25: the trail is whole, consent stands behind data, staff sign in safely."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q

from accounts.models import AuditEntry, Consent, User
from accounts.sealing import NO_HEAD, Head, faults
from payments.invariants import Breach
from portal.invariants.base import Rule
from portal.models import InvariantRun

ERASED: Final = "person.erased"
SECOND: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def trail_broken(at: datetime) -> Iterator[Breach]:
    """Also against the head noted by the last run, so that an end cut off shows."""
    for one in faults(at=at, known=_noted_head()):
        yield Breach("I22", one.about, one.what)


def _noted_head() -> Head:
    noted = InvariantRun.objects.exclude(audit_head="").order_by("-at", "-pk")
    last = noted.values_list("audit_position", "audit_head").first()
    return Head(*last) if last else NO_HEAD


def consent_missing(at: datetime) -> Iterator[Breach]:
    """Decisions must say what was agreed to; what may be kept only with one is asked of whoever
    keeps it (`accounts.promises`)."""
    wordless = Consent.objects.filter(Q(text="") | Q(text_version=""), granted=True)
    early = Consent.objects.filter(at__gt=at)
    for pk in wordless.order_by("pk").values_list("pk", flat=True):
        yield Breach("I24", f"consent {pk}", "given, and nobody knows to what words")
    for pk in early.order_by("pk").values_list("pk", flat=True):
        yield Breach("I24", f"consent {pk}", "given at a moment still to come")
    yield from _still_there()


def _still_there() -> Iterator[Breach]:
    erased = AuditEntry.objects.filter(action=ERASED, runner=OuterRef("public_id"))
    kept = ~Q(name="") | Q(is_active=True) | ~Q(runner_profile__mobile="")
    kept &= ~Q(runner_profile=None, name="", is_active=False)
    for public_id in (
        User.objects.order_by()
        .filter(Exists(erased))
        .filter(kept)
        .values_list("public_id", flat=True)
    ):
        key = str(public_id)
        yield Breach("I24", key, "erased, and something of them is still here", 0, "runner", key)


def staff_without_second_factor(at: datetime) -> Iterator[Breach]:
    has_one = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND)
    works_here = Q(is_staff=True) | Q(is_superuser=True) | Q(groups__isnull=False)
    staff = User.objects.filter(works_here, is_active=True).distinct().order_by("pk")
    for public_id in staff.filter(~Exists(has_one)).values_list("public_id", flat=True):
        key = str(public_id)
        yield Breach("I25", key, "works here, and has no second factor", 0, "runner", key)


OF_TRAIL = Rule(
    "I22",
    "The audit trail is whole",
    "No place of its chain is missing, no entry or hash was changed, and every entry is sealed"
    " within a quarter of an hour.",
    trail_broken,
)
RULES = (
    Rule(
        "I24",
        "Consent stands behind what is kept",
        "Each consent says to which words; health answers have one that stands and a day of"
        " deletion to come; of who was erased nothing personal is left.",
        consent_missing,
    ),
    Rule(
        "I25",
        "Everybody who works here has a second factor",
        "Each active member of staff has an authenticator app or a passkey.",
        staff_without_second_factor,
    ),
)
