"""Chaining the audit trail: each entry gets a place, and a hash over itself and the one before.

The chain is made after the fact, by a job, so an act never waits for another act's place. What is
sealed cannot be edited, removed or reordered without the hashes telling (docs/audit.md).
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.audit_trail import AuditEntry, AuditSeal

AT_ONCE: Final = 500
MOST: Final = 20_000  # in one round of the job; the next goes on
SEALED_WITHIN: Final = timedelta(minutes=15)
COLUMNS: Final = tuple(field.attname for field in AuditEntry._meta.concrete_fields)


@dataclass(frozen=True, slots=True)
class Head:
    """The last place of the chain and its hash: kept elsewhere, it shows that the end was cut."""

    position: int
    hash: str


NO_HEAD: Final = Head(0, "")


@dataclass(frozen=True, slots=True)
class Fault:
    """A place of the chain, or an entry outside it, and what is the matter."""

    about: str
    what: str


def seal_waiting(*, at: datetime, most: int = MOST) -> int:
    """The job: give every entry without a place one, in the order written; how many there were.

    Safe beside others: a place is taken once, so the slower of two seals nothing and the next
    round looks again.
    """
    sealed = 0
    while sealed < most:
        try:
            done = _seal_some(at)
        except IntegrityError:  # another worker has those places
            break
        sealed += done
        if done < AT_ONCE:
            break
    return sealed


@transaction.atomic
def _seal_some(at: datetime) -> int:
    head = head_of_chain()
    waiting = list(AuditEntry.objects.unsealed().order_by("pk")[:AT_ONCE])
    seals = []
    for entry in waiting:
        place = head.position + 1
        digest = digest_of(_values(entry), position=place, previous=head.hash, sealed_at=at)
        seals.append(
            AuditSeal(
                position=place, entry=entry, previous_hash=head.hash, hash=digest, sealed_at=at
            )
        )
        head = Head(place, digest)
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def head_of_chain() -> Head:
    last = AuditSeal.objects.order_by("-position").values_list("position", "hash").first()
    return Head(*last) if last else NO_HEAD


def digest_of(values: dict[str, Any], *, position: int, previous: str, sealed_at: datetime) -> str:
    """SHA-256 of every column of an entry and of its seal, written in one form on any engine."""
    whole = {**values, "position": position, "previous_hash": previous, "sealed_at": sealed_at}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _values(entry: AuditEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in COLUMNS}


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in the chain.")


def faults(*, at: datetime, known: Head = NO_HEAD) -> Iterator[Fault]:
    """Walk the chain from its first place; memory does not grow with it. Reads only.

    ``known`` is a head that was noted earlier: it has to be in the chain still.
    """
    yield from _faults_of_chain(known)
    late = AuditEntry.objects.unsealed().filter(at__lt=at - SEALED_WITHIN).order_by("pk")
    for pk in late.values_list("pk", flat=True).iterator():
        yield Fault(f"entry {pk}", "it was never sealed")


def _faults_of_chain(known: Head) -> Iterator[Fault]:
    previous, met = NO_HEAD, known == NO_HEAD
    for some in _seals():
        entries = AuditEntry.objects.filter(pk__in=[seal.entry_id for seal in some])
        by_pk = {values["id"]: values for values in entries.values(*COLUMNS)}
        for seal in some:
            for what in _faults_of(seal, by_pk.get(seal.entry_id), previous):
                yield Fault(f"place {seal.position}", what)
            previous = Head(seal.position, seal.hash)
            met = met or previous == known
    if not met:
        yield Fault(f"place {known.position}", "the hash noted earlier is not there any more")


def _seals() -> Iterator[list[AuditSeal]]:
    seals = AuditSeal.objects.order_by("position").iterator(chunk_size=AT_ONCE)
    while some := list(islice(seals, AT_ONCE)):
        yield some


def _faults_of(seal: AuditSeal, values: dict[str, Any] | None, previous: Head) -> Iterator[str]:
    if seal.position != previous.position + 1:
        yield f"{seal.position - previous.position - 1} places before it are missing"
    if seal.previous_hash != previous.hash:
        yield "it does not follow the place before it"
    if values is None:
        yield "its entry is missing"
        return
    expected = digest_of(
        values, position=seal.position, previous=seal.previous_hash, sealed_at=seal.sealed_at
    )
    if seal.hash != expected:
        yield f"entry {seal.entry_id} or its seal was changed"
