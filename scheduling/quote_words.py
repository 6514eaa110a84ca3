"""An effect in words: what happens to the time, the credit and the money (B7, E16, B9)."""

from dataclasses import replace

from django.utils.translation import gettext as _

from scheduling.effects import Act, Credit, Effect, Outcome, Pack
from scheduling.models import Booking
from scheduling.terms import free_until_of, last_to_move
from scheduling.wording import date_words, moment_words


def sentence_of(effect: Effect, booking: Booking, *, discreet: bool = False) -> str:
    """The outcome, for the person who is about to say yes.

    Discreet: it names no package, for whoever came by the link in a mail (B13).
    """
    if discreet:
        effect = replace(effect, lot=_unnamed(effect.lot), another=_unnamed(effect.another))
    if effect.outcome == Outcome.REBOOKED:
        return _rebooked(effect, booking)
    return _moved(effect, booking) if effect.act == Act.MOVE else _cancelled(effect, booking)


def credit_words(effect: Effect) -> str:
    """What becomes of the credit, and nothing else. Empty when none is set aside."""
    if effect.credit == Credit.USED:
        return _("The credit is used.")
    if effect.credit == Credit.ENDED:
        return _ended(effect)
    if effect.credit != Credit.RETURNED or effect.lot is None:
        return ""
    if not effect.lot.name:
        return _("The credit returns to your account.")
    if effect.extended:
        words = _("The credit returns to %(package)s, which now ends on %(day)s.")
    else:
        words = _("The credit returns to %(package)s, which ends on %(day)s.")
    return words % _package(effect.lot)


def _ended(effect: Effect) -> str:
    if effect.lot is None or not effect.lot.name:
        return _("Its credit has ended meanwhile, so it does not come back.")
    words = _("%(package)s ended on %(day)s, so its credit does not come back.")
    return words % _package(effect.lot)


def _cancelled(effect: Effect, booking: Booking) -> str:
    if effect.credit == Credit.NONE:
        return _("No credit is set aside for this session, and there is nothing to pay.")
    if effect.outcome == Outcome.BY_PRACTICE:
        return credit_words(effect)
    moment = {"moment": moment_words(free_until_of(booking), booking.zone)}
    if effect.outcome == Outcome.LATE:
        return _("Free cancelling ended %(moment)s, so the credit is used.") % moment
    return f"{credit_words(effect)} {_('Free until %(moment)s.') % moment}"


def _moved(effect: Effect, booking: Booking) -> str:
    to = _("Moves to %(moment)s.") % {"moment": _new_moment(effect, booking)}
    if effect.credit == Credit.NONE:
        return f"{to} {_('There is nothing to pay now.')}"
    if effect.another is None:
        return f"{to} {_('The same credit, nothing to pay.')}"
    return " ".join([to, _ends_before(effect), _another(effect.another), _("Nothing to pay.")])


def _rebooked(effect: Effect, booking: Booking) -> str:
    parts = [
        _("Moving was free until %(moment)s.")
        % {"moment": moment_words(last_to_move(booking), booking.zone)},
        _("This session is cancelled and %(moment)s is booked instead.")
        % {"moment": _new_moment(effect, booking)},
        credit_words(effect),
        _another(effect.another) if effect.another else "",
        _("No money moves."),
    ]
    return " ".join(part for part in parts if part)


def _ends_before(effect: Effect) -> str:
    if effect.lot is None or not effect.lot.name:
        return credit_words(effect)
    return _("%(package)s ends on %(day)s, before that, so its credit returns there.") % _package(
        effect.lot
    )


def _another(lot: Pack) -> str:
    if not lot.name:
        return _("Another credit of yours is set aside.")
    return _("A credit of %(package)s, which ends on %(day)s, is set aside.") % _package(lot)


def _unnamed(lot: Pack | None) -> Pack | None:
    return replace(lot, name="") if lot else None


def _package(lot: Pack) -> dict[str, str]:
    return {"package": lot.name, "day": date_words(lot.ends_on)}


def _new_moment(effect: Effect, booking: Booking) -> str:
    if effect.starts_at is None:
        return ""
    return moment_words(effect.starts_at, booking.location.timezone)
