"""I22, I24 and I25: the trail is whole, consent stands behind data, staff sign in safely."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from accounts.erased import NOWHERE
from accounts.erasures import ErasureRequest
from accounts.intake_checks import health_past_its_day, health_without_consent
from accounts.models import Consent, User
from accounts.sealing import NO_HEAD, Head, faults
from accounts.second_factor import staff_without_second_factor
from payments.invariants import Breach
from portal.invariants.base import Rule
from portal.models import InvariantRun


def trail_broken(at: datetime) -> Iterator[Breach]:
    """Also against the head noted by the last run, so that an end cut off shows."""
    for one in faults(at=at, known=_noted_head()):
        yield Breach("I22", one.about, one.what)


def _noted_head() -> Head:
    noted = InvariantRun.objects.exclude(audit_head="").order_by("-at", "-pk")
    last = noted.values_list("audit_position", "audit_head").first()
    return Head(*last) if last else NO_HEAD


def consent_missing(at: datetime) -> Iterator[Breach]:
    """Decisions say what was agreed to; answers and notes about health have one that stands and a
    day of deletion to come; the erased keep nothing."""
    wordless = Consent.objects.filter(Q(text="") | Q(text_version=""), granted=True)
    early = Consent.objects.filter(at__gt=at)
    for pk in wordless.order_by("pk").values_list("pk", flat=True):
        yield Breach("I24", f"consent {pk}", "given, and nobody knows to what words")
    for pk in early.order_by("pk").values_list("pk", flat=True):
        yield Breach("I24", f"consent {pk}", "given at a moment still to come")
    yield from _of_health(health_without_consent(), "kept without consent")
    yield from _of_health(health_past_its_day(at=at), "kept after its day of deletion")
    yield from _still_there()


def _of_health(rows: Iterable[dict[str, Any]], what: str) -> Iterator[Breach]:
    for row in rows:
        person = str(row["person__public_id"])
        yield Breach("I24", f"{row['kind']} {row['public_id']}", what, 0, "runner", person)


def _still_there() -> Iterator[Breach]:
    """People whose erasure was done, and whose account still says who they are."""
    done = ErasureRequest.objects.filter(person=OuterRef("pk"), done_at__isnull=False)
    kept = ~Q(name__startswith="Erased ") | ~Q(email__endswith=f"@{NOWHERE}")
    people = User.objects.order_by("pk").filter(Exists(done)).filter(kept)
    for public_id in people.values_list("public_id", flat=True):
        key = str(public_id)
        yield Breach("I24", key, "erased, and something of them is still here", 0, "runner", key)


def without_second_factor(at: datetime) -> Iterator[Breach]:
    people = staff_without_second_factor().order_by("pk")
    for public_id in people.values_list("public_id", flat=True):
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
        without_second_factor,
    ),
)
