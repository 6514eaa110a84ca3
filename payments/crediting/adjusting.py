"""What staff do to a lot by hand: more time, a pause, and taking either back (P9).

Each is an entry with who, why, and the last day before and after. `key` stands for the click: the
same key acts once, so a double click and a retry cost nothing.
"""

import uuid
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting.errors import CannotAdjust
from payments.crediting.expiring import expire_lot
from payments.crediting.extending import STAYS, move_last_day
from payments.crediting.granting import LONGEST
from payments.crediting.ledger import Kind, append, units_in
from payments.days import in_words, practice_day
from payments.models import Bucket, CreditEntry, CreditLot

FrozenFor = CreditLot.FrozenFor


@transaction.atomic
def extend_lot(
    *, lot: CreditLot, until: date, reason: str, by: User, at: datetime, key: uuid.UUID
) -> CreditEntry:
    """Let the lot last until `until`; what has expired is available again.

    Raises:
        CannotAdjust: no reason, or the day is not later, is over, or too far away.
    """
    lot = _locked(lot)
    if earlier := _done_by(key):
        return earlier
    _require_reason(reason)
    today = practice_day(at)
    if until <= lot.expires_on:
        raise CannotAdjust(
            _("It lasts until %(day)s already. Choose a later day.")
            % {"day": in_words(lot.expires_on)}
        )
    if not today <= until <= today + LONGEST:
        raise CannotAdjust(_("Choose a day from today on, within ten years."))
    return move_last_day(
        lot, until, source=_source(key), reason=_with_day(reason, until), by=by, at=at
    )


@transaction.atomic
def undo_extension(
    *, entry: CreditEntry, reason: str, by: User, at: datetime, key: uuid.UUID
) -> CreditEntry:
    """Take an extension back: the lot ends when it did before, and what is over ends at once.

    What was booked meanwhile stays booked. A repeat returns the first correction.

    Raises:
        CannotAdjust: no reason, or the last day has changed since.
    """
    lot = _locked(entry.lot)
    if earlier := _done_by(key):
        return earlier
    _require_reason(reason)
    if latest_extension(lot) != entry or entry.expires_on_before is None:
        raise CannotAdjust(_("Its last day has changed since, so that cannot be taken back."))
    day = entry.expires_on_before
    undone = move_last_day(
        lot,
        day,
        source=_source(key),
        reason=_with_day(reason, day),
        by=by,
        at=at,
        reverses=entry,
    )
    if lot.is_active and day < practice_day(at):
        expire_lot(lot.pk, at)
    return undone


def latest_extension(lot: CreditLot) -> CreditEntry | None:
    """What staff may take back: the extension by hand that gave the lot its last day."""
    dated = [
        one
        for one in lot.entries.all()  # in their order; read before where a page has many lots
        if one.expires_on_before and one.expires_on_after and one.kind != Kind.FREEZE
    ]
    if not dated:
        return None
    act = _act_of(dated[-1])
    first = next(one for one in dated if one.source == act)
    by_hand = first.kind == Kind.EXTEND and act.startswith(_BY_HAND)
    return first if by_hand and first.expires_on_after > first.expires_on_before else None


@transaction.atomic
def freeze_lot(
    *,
    lot: CreditLot,
    reason: str,
    by: User | None,
    at: datetime,
    key: uuid.UUID,
) -> CreditEntry:
    """Let the lot rest: nothing is booked from it and it does not expire. What is booked stays.

    Raises:
        CannotAdjust: no reason, or it rests already, or is over.
    """
    lot = _locked(lot)
    if earlier := _done_by(key):
        return earlier
    _require_reason(reason)
    if not lot.is_active:
        raise CannotAdjust(_("It rests already."))
    today = practice_day(at)
    if lot.expires_on < today:
        raise CannotAdjust(
            _("It ended on %(day)s. Extend it first.") % {"day": in_words(lot.expires_on)}
        )
    lot.status, lot.frozen_for, lot.frozen_on = CreditLot.Status.FROZEN, FrozenFor.PAUSE, today
    lot.save(update_fields=["status", "frozen_for", "frozen_on"])
    return append(
        lot,
        Kind.FREEZE,
        units_in(lot, [Bucket.AVAILABLE]),
        STAYS,
        source=_source(key),
        reason=reason.strip(),
        by=by,
        at=at,
        last_days=(lot.expires_on, lot.expires_on),
    )


@transaction.atomic
def thaw_lot(
    *, lot: CreditLot, reason: str, by: User | None, at: datetime, key: uuid.UUID
) -> CreditEntry:
    """End the rest: the last day moves by as many days as it lasted.

    Raises:
        CannotAdjust: no reason, it does not rest, or somebody else holds it: a gift, a dispute and
            a review end by themselves.
    """
    lot = _locked(lot)
    if earlier := _done_by(key):
        return earlier
    _require_reason(reason)
    if lot.frozen_on is None:
        raise CannotAdjust(_("It does not rest."))
    if lot.frozen_for != FrozenFor.PAUSE:
        raise CannotAdjust(
            _("It is held for another reason, %(reason)s, and is free when that is over.")
            % {"reason": lot.get_frozen_for_display().lower()}
        )
    before = lot.expires_on
    rested = max(practice_day(at) - lot.frozen_on, timedelta())
    lot.expires_on = before + rested
    lot.status, lot.frozen_for, lot.frozen_on = CreditLot.Status.ACTIVE, FrozenFor.NOTHING, None
    lot.save(update_fields=["expires_on", "status", "frozen_for", "frozen_on"])
    return append(
        lot,
        Kind.THAW,
        units_in(lot, [Bucket.AVAILABLE]),
        STAYS,
        source=_source(key),
        reason=_with_day(reason, lot.expires_on),
        by=by,
        at=at,
        last_days=(before, lot.expires_on),
    )


@transaction.atomic
def withdraw_goodwill(
    *, lot: CreditLot, reason: str, by: User, at: datetime, key: uuid.UUID
) -> CreditEntry:
    """Take back what is free of a goodwill lot that was given by mistake.

    What is booked or used stays. The units end as expired ones do; they were worth nothing.

    Raises:
        CannotAdjust: no reason, or it was bought, or nothing of it is free.
    """
    lot = _locked(lot)
    if earlier := _done_by(key):
        return earlier
    _require_reason(reason)
    given = lot.entries.filter(kind=Kind.GOODWILL, reversed_by=None).first()
    units = units_in(lot, [Bucket.AVAILABLE])
    if given is None or not units:
        raise CannotAdjust(_("Only what we gave, and what is still free of it, is taken back."))
    return append(
        lot,
        Kind.REVERSE,
        units,
        (Bucket.AVAILABLE, Bucket.EXPIRED),
        source=_source(key),
        reason=reason.strip(),
        by=by,
        at=at,
        reverses=given,
    )


_BY_HAND = "adjust:"


def _source(key: uuid.UUID) -> str:
    return f"{_BY_HAND}{key}"


def _act_of(entry: CreditEntry) -> str:
    """The source of the act: one that woke several expiries has an entry for each."""
    return ":".join(entry.source.split(":")[:2])


def _done_by(key: uuid.UUID) -> CreditEntry | None:
    return CreditEntry.objects.filter(source=_source(key)).first()


def _locked(lot: CreditLot) -> CreditLot:
    return CreditLot.objects.select_for_update(of=("self",)).select_related("policy").get(pk=lot.pk)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise CannotAdjust(_("Say why, in a few words."))


def _with_day(reason: str, until: date) -> str:
    return _("%(why)s: ends %(day)s") % {"why": reason.strip()[:150], "day": in_words(until)}
