"""The nightly proof: every rule asked, the verdict kept, and whoever answers for it told."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.urls import reverse

from accounts import outbox
from accounts.models import Message
from accounts.outbox import Letter, Silence
from accounts.roles import in_charge
from accounts.sealing import Head, head_of_chain
from payments.days import practice_day
from portal.invariants import RULES
from portal.invariants.asking import Verdict, ask_all
from portal.models import InvariantRun

log = logging.getLogger(__name__)

MAIL: Final = "invariant_broken"
KEPT_FOR: Final = timedelta(days=400)
OLD_AFTER: Final = timedelta(hours=36)  # a night was missed


def prove(*, at: datetime) -> InvariantRun:
    """Prove everything, keep what was found, and owe a mail for each rule that broke.

    The job; also the button and the command.
    """
    # Noted before the trail is walked, so the walk has proved it.
    head = head_of_chain()
    run = _kept(ask_all(at=at), head, at)
    log.info("Invariants: %s; head of the audit trail %s:%s", run, head.position, head.hash)
    for verdict in run.verdicts:
        if verdict["count"]:
            log.error("Invariant %s broken: %s rows", verdict["code"], verdict["count"])
            _tell(verdict["code"], run, at)
    InvariantRun.objects.filter(at__lt=at - KEPT_FOR).delete()
    return run


def _kept(verdicts: Sequence[Verdict], head: Head, at: datetime) -> InvariantRun:
    return InvariantRun.objects.create(
        at=at,
        took_ms=sum(verdict.took_ms for verdict in verdicts),
        holds=all(verdict.holds for verdict in verdicts),
        verdicts=[_as_data(verdict) for verdict in verdicts],
        audit_position=head.position,
        audit_head=head.hash,
    )


def _as_data(verdict: Verdict) -> dict[str, Any]:
    rows = [asdict(breach) for breach in verdict.breaches]
    for row in rows:
        del row["invariant"]
    return {
        "code": verdict.rule.code,
        "took_ms": verdict.took_ms,
        "count": len(rows),
        "rows": rows,
    }


def _tell(code: str, run: InvariantRun, at: datetime) -> None:
    """Each who answers for it hears of a rule once a day, however often it is asked."""
    for person in in_charge():
        outbox.enqueue(
            kind=MAIL,
            about=f"{run.pk}:{code}",
            to=person.email,
            user=person,
            dedupe_key=f"{MAIL}:{code}:{practice_day(at)}:{person.pk}",
            at=at,
        )


def register() -> None:
    """Tell the outbox who writes the mail; called when the app is ready."""
    outbox.writer(MAIL)(_letter)


def _letter(message: Message, *, at: datetime) -> Letter | Silence:
    pk, _, code = message.about.partition(":")
    run = InvariantRun.objects.filter(pk=int(pk)).first()
    verdict = run.verdict_of(code) if run else None
    rule = next((one for one in RULES if one.code == code), None)
    if run is None or verdict is None or rule is None:
        return Silence("The proof is not kept any more.")
    return Letter(
        subject=f"{code} does not hold"[:50],
        template=MAIL,
        context={
            "rule": rule,
            "count": verdict["count"],
            "path": reverse("staff:invariant", args=[code]),
        },
    )
