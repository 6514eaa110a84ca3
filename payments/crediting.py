"""Credits move here and nowhere else.

Whoever needs both a wallet and a booking locks the wallet first (`lock_wallet`), then the
booking. Every act may be repeated: the same cause moves units once.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from payments.closing import is_closed
from payments.days import end_of, practice_day
from payments.models import (
    Bucket,
    CreditEntry,
    CreditLot,
    Order,
    OrderLine,
    Policy,
    ServiceVariant,
)
from payments.models.credits import OWED, SPENT
from payments.money import DEFAULT_CURRENCY, next_values, split_evenly
from payments.posting import post_earned, post_taken_back
from payments.wallets import StatementLine, Wallet, WalletLot, statement, wallet

__all__ = [
    "AlreadyUsed",
    "CreditError",
    "NoCredit",
    "NotReserved",
    "OnlyExpiredCredit",
    "PeriodClosed",
    "StatementLine",
    "Wallet",
    "WalletLot",
    "choose_lot",
    "expire_due",
    "give_back",
    "grant_goodwill",
    "grant_lots",
    "holds_credit",
    "lock_wallet",
    "release",
    "reserve",
    "reserved_lot",
    "statement",
    "take_back_use",
    "use",
    "wallet",
    "where_unit_is",
]

Kind = CreditEntry.Kind
SETTLING = (Kind.RESERVE, Kind.RELEASE, Kind.USE, Kind.REVERSE)


class CreditError(Exception):
    """A movement of credits that cannot happen; says why to the person asking."""


class NoCredit(CreditError):
    """No credit covers the session."""


class OnlyExpiredCredit(CreditError):
    """There are credits, but none that is still good on the day of the session."""


class AlreadyUsed(CreditError):
    """The booking has used its credit; it takes no second one."""


class NotReserved(CreditError):
    """The booking holds no credit that could be returned or used."""


class PeriodClosed(CreditError):
    """The books of the day are closed: what was earned on it stays."""


def lock_wallet(owner: User) -> list[CreditLot]:
    """Make every other mover of this runner's credits wait until our transaction ends."""
    return list(CreditLot.objects.select_for_update().of(owner).order_by("pk"))


@transaction.atomic
def grant_lots(*, order: Order, at: datetime) -> list[CreditLot]:
    """Give the buyer the lots of a paid order: one for each line, once.

    A line that has its lot keeps it, so a second call returns the same lots.
    """
    return [_lot_of(line, order, at) for line in order.lines.order_by("pk")]


def _lot_of(line: OrderLine, order: Order, at: datetime) -> CreditLot:
    if existing := CreditLot.objects.filter(order_line=line).first():
        return existing
    starts_on = practice_day(at)
    lot = CreditLot.objects.create(
        order_line=line,
        owner_id=order.buyer_id,
        name=line.name,
        units=line.units,
        unit_values=split_evenly(line.net_minor, line.units),
        currency=order.currency,
        starts_on=starts_on,
        expires_on=starts_on + timedelta(days=line.validity_days),
        granted_at=at,
        policy_id=order.policy_id,
    )
    lot.variants.set(line.variants.all())
    _append(
        lot,
        Kind.PURCHASE,
        lot.units,
        (Bucket.ISSUED, Bucket.AVAILABLE),
        value_minor=lot.value_minor,
        source=f"purchase:{line.pk}",
        reason=f"Order {order.number}",
        at=at,
    )
    return lot


@transaction.atomic
def grant_goodwill(
    *,
    owner: User,
    variants: Iterable[ServiceVariant],
    units: int,
    reason: str,
    by: User,
    at: datetime,
    expires_on: date,
) -> CreditLot:
    """Give free units: they are worth nothing in the books and never become revenue.

    Each call gives once more: the caller guards against a double click.
    """
    policy = Policy.objects.current(practice_day(at)).first()
    if policy is None:
        raise CreditError(_("There are no terms in effect, so no credit can be given."))
    if not reason.strip():
        raise CreditError(_("Say why the credit is given."))
    lot = CreditLot.objects.create(
        owner=owner,
        name=_("Goodwill credit"),
        units=units,
        unit_values=[0] * units,
        currency=DEFAULT_CURRENCY,
        starts_on=practice_day(at),
        expires_on=expires_on,
        granted_at=at,
        policy=policy,
        is_goodwill=True,
    )
    lot.variants.set(variants)
    _append(
        lot,
        Kind.GOODWILL,
        units,
        (Bucket.ISSUED, Bucket.AVAILABLE),
        source=f"goodwill:{lot.public_id}",
        reason=reason,
        by=by,
        at=at,
    )
    return lot


def choose_lot(
    *,
    owner: User,
    variant: ServiceVariant,
    session_on: date,
    at: datetime,
    returning: CreditLot | None = None,
) -> CreditLot:
    """The lot a session on `session_on` is paid from: the one that ends first.

    A unit about to be returned to `returning` counts as there already.

    Raises:
        NoCredit: nothing available covers the variant.
        OnlyExpiredCredit: what is available ends before the session.
    """
    covering = CreditLot.objects.of(owner).covering(variant).active().with_balances()
    has_one = Q(available__gt=0)
    covering = covering.filter(has_one | Q(pk=returning.pk) if returning else has_one)
    if lot := covering.usable_on(session_on).fifo().first():
        return lot
    last = covering.order_by("-expires_on").first()
    if last is None:
        raise NoCredit(_("You have no credit for this session."))
    if last.expires_on < practice_day(at):
        raise OnlyExpiredCredit(
            _("Your credits ended on %(day)s.") % {"day": _words(last.expires_on)}
        )
    raise OnlyExpiredCredit(
        _("Your credits end on %(day)s, before this session.") % {"day": _words(last.expires_on)}
    )


@transaction.atomic
def reserve(
    *,
    owner: User,
    variant: ServiceVariant,
    booking_id: uuid.UUID,
    session_on: date,
    by: User | None,
    at: datetime,
    lot: CreditLot | None = None,
    reason: str = "",
) -> CreditEntry:
    """Set one unit aside for a booking whose session starts on `session_on`.

    A booking that holds a unit keeps it, so a retry costs nothing. With `lot`, only that one.
    `reason` is for what is not booked yet.

    Raises:
        NoCredit, OnlyExpiredCredit: nothing is written.
        AlreadyUsed: the session is over and paid.
    """
    lock_wallet(owner)
    last = _last_of(booking_id)
    if last is not None and last.to_bucket == Bucket.RESERVED:
        return last
    if last is not None and last.kind == Kind.USE:
        raise AlreadyUsed(_("This booking has used its credit."))
    chosen = (
        choose_lot(owner=owner, variant=variant, session_on=session_on, at=at)
        if lot is None
        else _wanted(lot, owner, variant, session_on)
    )
    turn = CreditEntry.objects.of_booking(booking_id).filter(kind=Kind.RESERVE).count() + 1
    return _append(
        chosen,
        Kind.RESERVE,
        1,
        (Bucket.AVAILABLE, Bucket.RESERVED),
        source=f"reserve:{booking_id}:{turn}",
        booking_id=booking_id,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def release(*, booking_id: uuid.UUID, by: User | None, at: datetime, reason: str) -> CreditEntry:
    """Give the booking's unit back to its owner, once; a repeat returns the first return.

    A lot past its last day takes the unit back too, and the expiry job ends it there.

    Raises:
        NotReserved: the booking never held a unit, or has used it.
    """
    taken = _settled_or_lock(booking_id, Kind.RELEASE)
    if taken.kind == Kind.RELEASE:
        return taken
    return _append(
        taken.lot,
        Kind.RELEASE,
        1,
        (Bucket.RESERVED, Bucket.AVAILABLE),
        source=f"settle:{taken.pk}",
        booking_id=booking_id,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def use(
    *,
    booking_id: uuid.UUID,
    by: User | None,
    at: datetime,
    effective_at: datetime,
    reason: str,
    late: bool = False,
) -> CreditEntry:
    """Use the booking's unit up and earn its value on `effective_at`; a repeat changes nothing.

    `late` books the revenue as that of late cancellations and missed sessions.

    Raises:
        NotReserved: the booking never held a unit, or gave it back.
    """
    taken = _settled_or_lock(booking_id, Kind.USE)
    if taken.kind == Kind.USE:
        return taken
    entry = _append(
        taken.lot,
        Kind.USE,
        1,
        (Bucket.RESERVED, Bucket.USED),
        value_minor=sum(_next_values(taken.lot, 1)),
        source=f"settle:{taken.pk}",
        booking_id=booking_id,
        reason=reason,
        by=by,
        at=at,
        effective_at=effective_at,
    )
    post_earned(entry=entry, late=late, at=at)
    return entry


@transaction.atomic
def take_back_use(
    *, booking_id: uuid.UUID, by: User | None, at: datetime, reason: str
) -> CreditEntry | None:
    """Undo the booking's use: it holds its unit again, the books stand as before (E18, B10).

    Both corrections are dated as what they correct, so the day nets to nothing. None when the
    booking has used no unit; a repeat returns the first correction.

    Raises:
        PeriodClosed: the use lies in a period whose books are closed.
    """
    last = _last_of(booking_id)
    if last is not None:
        CreditLot.objects.select_for_update().get(pk=last.lot_id)
        last = _last_of(booking_id)
    if last is None or last.kind not in {Kind.USE, Kind.REVERSE}:
        return None
    if last.kind == Kind.REVERSE:
        return last
    if is_closed(last.effective_at):
        raise PeriodClosed(_("The books of that day are closed. Give a credit instead."))
    entry = _append(
        last.lot,
        Kind.REVERSE,
        last.units,
        (Bucket.USED, Bucket.RESERVED),
        value_minor=last.value_minor,
        source=f"reverse:{last.pk}",
        booking_id=booking_id,
        reason=reason,
        by=by,
        at=at,
        effective_at=last.effective_at,
        reverses=last,
    )
    post_taken_back(entry=entry, at=at)
    return entry


def holds_credit(booking_id: uuid.UUID) -> bool:
    """Whether a unit is set aside for the booking now; if not, it is due to pay, or settled."""
    return reserved_lot(booking_id) is not None


def reserved_lot(booking_id: uuid.UUID) -> CreditLot | None:
    """Where the unit belongs that is set aside for a booking now; None when there is none."""
    last = _last_of(booking_id)
    return last.lot if last is not None and last.to_bucket == Bucket.RESERVED else None


def where_unit_is(booking_id: uuid.UUID) -> str | None:
    """The bucket the booking's unit is in now: available again is returned. None: it had none."""
    last = _last_of(booking_id)
    return last.to_bucket if last is not None else None


@transaction.atomic
def give_back(
    *, booking_id: uuid.UUID, until: date, by: User | None, at: datetime, reason: str
) -> CreditEntry:
    """Release the booking's unit and let its lot last until `until` at least (B9).

    Units of the lot whose last day is over are ended first, as the job would have: the unit
    comes back, and wakes no others. A repeat returns the first return.

    Raises:
        NotReserved: the booking never held a unit, or has used it.
    """
    taken = _settled_or_lock(booking_id, Kind.RELEASE)
    lot = taken.lot
    if taken.kind == Kind.RELEASE:
        return taken
    if lot.status == CreditLot.Status.ACTIVE and lot.expires_on < practice_day(at):
        _expire(lot.pk, at)
    returned = release(booking_id=booking_id, by=by, at=at, reason=reason)
    if lot.expires_on < until:
        _extend(lot.pk, until, returned, reason)
    return returned


def _extend(lot_id: int, until: date, returned: CreditEntry, why: str) -> CreditEntry:
    """A new last day, and the entry that shows it: the units stay where they are."""
    lot = CreditLot.objects.select_for_update().get(pk=lot_id)
    before, lot.expires_on = lot.expires_on, until
    lot.save(update_fields=["expires_on"])
    return _append(
        lot,
        Kind.EXTEND,
        _units(lot, [Bucket.AVAILABLE]),
        (Bucket.AVAILABLE, Bucket.AVAILABLE),
        source=f"extend:{returned.pk}",
        booking_id=returned.booking_id,
        reason=_("%(why)s: ends %(until)s instead of %(before)s")
        % {"why": why, "until": _words(until), "before": _words(before)},
        by=returned.actor,
        at=returned.posted_at,
    )


def expire_due(*, at: datetime) -> int:
    """End the available units of lots whose last day is over; the number of units ended.

    Units held by a booking stay, whatever the date: they end if they are given back.
    """
    over = CreditLot.objects.active().filter(expires_on__lt=practice_day(at)).with_available()
    return sum(_expire(pk, at) for pk in list(over.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _expire(lot_id: int, at: datetime) -> int:
    lot = CreditLot.objects.select_for_update().get(pk=lot_id)
    units = _units(lot, [Bucket.AVAILABLE])
    if not units:
        return 0
    before = lot.entries.order_by("pk")
    last = before.last()
    entry = _append(
        lot,
        Kind.EXPIRE,
        units,
        (Bucket.AVAILABLE, Bucket.EXPIRED),
        value_minor=sum(_next_values(lot, units)),
        source=f"expire:{lot.pk}:{before.filter(kind=Kind.EXPIRE).count() + 1}",
        reason=_("The last day was %(day)s.") % {"day": _words(lot.expires_on)},
        at=at,
        effective_at=max(end_of(lot.expires_on), last.effective_at) if last else at,
    )
    post_earned(entry=entry, late=False, at=at)
    return units


def _wanted(lot: CreditLot, owner: User, variant: ServiceVariant, session_on: date) -> CreditLot:
    mine = CreditLot.objects.of(owner).covering(variant).with_available()
    found = mine.usable_on(session_on).filter(pk=lot.pk).first()
    if found is None:
        raise NoCredit(_("That package cannot pay for this session."))
    return found


def _last_of(booking_id: uuid.UUID) -> CreditEntry | None:
    entries = CreditEntry.objects.of_booking(booking_id).filter(kind__in=SETTLING)
    return entries.select_related("lot__order_line__order").order_by("-pk").first()


def _settled_or_lock(booking_id: uuid.UUID, wanted: str) -> CreditEntry:
    """What holds the unit, its lot locked; or what settled it, when that is what is wanted.

    A reservation holds it, and so does a use that was taken back.
    """
    last = _last_of(booking_id)
    if last is not None and last.to_bucket == Bucket.RESERVED:
        CreditLot.objects.select_for_update().get(pk=last.lot_id)
        last = _last_of(booking_id)  # somebody may have settled it while we waited
    if last is not None and (last.to_bucket == Bucket.RESERVED or last.kind == wanted):
        return last
    raise NotReserved(_("This booking holds no credit."))


def _units(lot: CreditLot, buckets: Sequence[str]) -> int:
    """Units of the lot in these buckets together."""
    sums = lot.entries.aggregate(
        entered=Sum("units", filter=Q(to_bucket__in=buckets), default=0),
        left=Sum("units", filter=Q(from_bucket__in=buckets), default=0),
    )
    return int(sums["entered"] - sums["left"])


def _next_values(lot: CreditLot, units: int) -> list[int]:
    """What the next `units` to leave the lot are worth, so that all of them add up."""
    spent = lot.entries.aggregate(
        out=Sum("value_minor", filter=Q(to_bucket__in=SPENT), default=0),
        back=Sum("value_minor", filter=Q(from_bucket__in=SPENT), default=0),
    )
    left_minor = lot.value_minor - spent["out"] + spent["back"]
    return next_values(left_minor, _units(lot, OWED), units)


def _append(
    lot: CreditLot,
    kind: str,
    units: int,
    way: tuple[str, str],
    *,
    source: str,
    at: datetime,
    value_minor: int = 0,
    booking_id: uuid.UUID | None = None,
    reason: str = "",
    by: User | None = None,
    effective_at: datetime | None = None,
    reverses: CreditEntry | None = None,
) -> CreditEntry:
    return CreditEntry.objects.create(
        lot=lot,
        kind=kind,
        units=units,
        from_bucket=way[0],
        to_bucket=way[1],
        value_minor=value_minor,
        booking_id=booking_id,
        actor=by,
        reason=reason[:200],
        effective_at=effective_at or at,
        posted_at=at,
        source=source,
        reverses=reverses,
    )


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
