"""Messages about credits (P15): its last day comes near, one is left, none is left.

Each is told once for a lot, and once more for a new last day. Who has nothing free hears of no last
day: what she has is booked. Nobody hears of the last credit of one package while another lasts, nor
of a single session she bought for itself. Who asked for no such mails gets none: that is looked at
when a mail is to leave (`accounts/outbox.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from accounts import outbox
from accounts.consents import Purpose
from accounts.models import Message, User
from accounts.outbox import Letter, Silence
from payments.days import practice_day, practice_zone
from payments.models import CreditEntry, CreditLot, CreditNotice
from payments.models.credits import LotQuerySet
from payments.wallets import Wallet, WalletLot, wallet

Told = CreditNotice.Kind
Kind = CreditEntry.Kind

MONTH, WEEK = timedelta(days=30), timedelta(days=7)
FRESH = timedelta(days=2)  # an older movement is no news any more
NOT_BEFORE = time(9)  # the job finds them after midnight: nobody is woken by a mail
MAIL = "credits_left"


@dataclass(frozen=True, slots=True)
class Due:
    """A lot, and what there is to say of it."""

    lot: CreditLot
    kind: str


def queue_notices(*, at: datetime) -> int:
    """The job: owe each message that is due and was not told yet; how many are new."""
    found = [*_ending(at), *_running_out(at)]
    return sum(_owe(due, at) for due in found)


def _ending(at: datetime) -> Iterator[Due]:
    """Lots with something free whose last day is 30 days away or less, and those of 7."""
    today = practice_day(at)
    near = _lots().filter(expires_on__gte=today, expires_on__lte=today + MONTH).with_available()
    for lot in near.filter(starts_on__lte=today):
        left, lasts = lot.expires_on - today, lot.expires_on - lot.starts_on
        # A package that lasts no longer was bought with its end in sight.
        if left <= WEEK < lasts:
            yield Due(lot, Told.WEEK)
        elif left > WEEK and lasts > MONTH:
            yield Due(lot, Told.MONTH)


def _running_out(at: datetime) -> Iterator[Due]:
    """What just became the last credit of all, and packages whose end left nothing at all.

    A package with a session still to come is not spent: that booking covers it.
    """
    spent: dict[int, CreditLot] = {}
    for entry in (
        CreditEntry.objects.filter(
            kind__in=[Kind.RESERVE, Kind.USE], posted_at__gt=at - FRESH, lot__in=_lots()
        )
        .filter(lot__units__gt=1)
        .select_related("lot__owner")
        .order_by("pk")
    ):
        spent[entry.lot.owner_id] = entry.lot
    for lot in spent.values():
        own = wallet(lot.owner, on=practice_day(at))
        if own.available == 1:
            yield Due(_with_the_last(lot.owner, own), Told.LAST)
        elif not own.held and not any(one.reserved for one in own.lots):
            yield Due(lot, Told.NONE)


def _with_the_last(owner: User, own: Wallet) -> CreditLot:
    last = next(one for one in own.lots if one.is_usable and one.available)
    return CreditLot.objects.of(owner).select_related("owner").get(public_id=last.public_id)


def _lots() -> LotQuerySet:
    """What notices speak of: active lots of people who are here."""
    lots: LotQuerySet = CreditLot.objects.active().filter(owner__is_active=True)
    return lots.select_related("owner").order_by("pk")


@transaction.atomic
def _owe(due: Due, at: datetime) -> bool:
    lot = due.lot
    told, is_new = CreditNotice.objects.get_or_create(
        lot=lot, kind=due.kind, ends_on=lot.expires_on, defaults={"queued_at": at}
    )
    if not is_new:
        return False
    outbox.enqueue(
        kind=MAIL,
        about=str(told.pk),
        to=lot.owner.email,
        user=lot.owner,
        dedupe_key=f"{MAIL}:{told.pk}",
        at=at,
        send_after=_waking_hour(at),
    )
    return True


def _waking_hour(at: datetime) -> datetime:
    local = at.astimezone(practice_zone())
    morning = datetime.combine(local.date(), NOT_BEFORE, tzinfo=practice_zone())
    return max(at, morning)


# --- the words --------------------------------------------------------------------------------


def register() -> None:
    """Tell the outbox who writes them; called when the app is ready."""
    outbox.writer(MAIL, purpose=Purpose.CREDIT_NOTICES)(_write)


def _write(message: Message, *, at: datetime) -> Letter | Silence:
    """Worded from what is true when it is sent; booked or used meanwhile, nothing is to say."""
    notices = CreditNotice.objects.select_related("lot__owner")
    notice = notices.filter(pk=message.about).first()
    if notice is None:
        return Silence("There is no such lot.")
    own = wallet(notice.lot.owner, on=practice_day(at))
    lot = next(one for one in own.lots if one.public_id == notice.lot.public_id)
    if because := _nothing_to_say(notice, lot, own):
        return Silence(because)
    context = {
        "first_name": notice.lot.owner.first_name,
        "kind": notice.kind,
        "lot": lot,
        "day": _spoken(lot.expires_on),
    }
    return Letter(subject=_subject(notice.kind, lot), template=MAIL, context=context)


def _nothing_to_say(notice: CreditNotice, lot: WalletLot, own: Wallet) -> str:
    if lot.expires_on != notice.ends_on:
        return "Its last day has changed since."
    if lot.frozen_for:
        return "It rests."
    if notice.kind in (Told.MONTH, Told.WEEK):
        return "" if lot.is_usable and lot.available else "What she has is booked."
    if notice.kind == Told.LAST:
        return "" if lot.available == own.available == 1 else "It is not the last one any more."
    return "" if not own.held else "She has others."


def _subject(kind: str, lot: WalletLot) -> str:
    if kind == Told.NONE:
        return "Your last session is used"
    if kind == Told.LAST:
        return "One session left"
    some = "1 session" if lot.available == 1 else f"{lot.available} sessions"
    return f"{some} to {'book' if lot.books_by else 'use'} by {_short(lot.expires_on)}"


def _short(day: date) -> str:
    return f"{day.day} {day:%B}"


def _spoken(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
