"""What can be done about payouts and the bank: M11 to M13 and M15."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from payments import banking, polling
from payments.days import practice_day
from payments.models import BankLine, Mismatch, Payout
from payments.reading import read_payout
from payments.resolving.closing import ResolutionError
from payments.resolving.suggestions import Place, Suggester, Suggestion, each, seen


def does_not_add_up(mismatch: Mismatch) -> list[Suggestion]:
    """M11."""

    def act(by: User, at: datetime) -> str:
        read_payout(mismatch.about, at=at)
        return _("Its transactions were read again.")

    why = _("A transaction of it was not there when we asked; it is now.")
    return [
        Suggestion("read", _("Read it again"), why, act),
        Suggestion(
            "payout",
            _("Open the payout"),
            _("See what it is made of."),
            leads_to=Place("payout", mismatch.about),
        ),
    ]


def not_in_the_bank(mismatches: Sequence[Mismatch]) -> dict[int, list[Suggestion]]:
    """M12: the line of the statement that it most likely is; or a person has seen it there."""
    payouts = Payout.objects.in_bulk([one.about for one in mismatches])
    lines = _likely_lines(payouts.values())
    found: dict[int, list[Suggestion]] = {}
    for mismatch in mismatches:
        payout = payouts.get(mismatch.about)
        found[mismatch.pk] = (
            [*(_match(payout, line) for line in lines[payout.pk][:1]), _import(), _arrived(payout)]
            if payout
            else [_import()]
        )
    return found


def _import() -> Suggestion:
    return Suggestion(
        "bank",
        _("Import the statement"),
        _("No line of a statement fits; the newest may not be imported yet."),
        leads_to=Place("bank"),
    )


def _likely_lines(payouts: Iterable[Payout]) -> dict[str, list[BankLine]]:
    """Lines that may be each payout, those that can be nothing else first."""
    amounts = {payout.amount_minor for payout in payouts}
    waiting = list(BankLine.objects.unmatched().filter(amount_minor__in=amounts))
    found: dict[str, list[BankLine]] = defaultdict(list)
    for guess in sorted(banking.suggestions(waiting), key=lambda one: not one.is_sure):
        for payout in guess.payouts:
            found[payout.pk].append(guess.line)
    return found


def _match(payout: Payout, line: BankLine) -> Suggestion:
    day = f"{line.booked_on:%d %b}"

    def act(by: User, at: datetime) -> str:
        try:
            banking.match(line=line, payout=payout, by=by, at=at)
        except banking.BankError as refusal:
            raise ResolutionError(str(refusal)) from refusal
        return _("Matched with the bank's line of %(day)s.") % {"day": day}

    return Suggestion(
        f"match-{line.pk}",
        _("Match with the line of %(day)s") % {"day": day},
        _("The same amount on %(day)s: %(text)s")
        % {"day": day, "text": line.text or line.reference},
        act,
    )


def _arrived(payout: Payout) -> Suggestion:
    def act(by: User, at: datetime) -> str:
        on = min(payout.arrival_on, practice_day(at))
        try:
            banking.mark_arrived(payout=payout, on=on, by=by, at=at)
        except banking.BankError as refusal:
            raise ResolutionError(str(refusal)) from refusal
        return _("Seen in the bank.")

    why = _("Seen there by you: it is posted to the bank on the day Stripe named.")
    return Suggestion("arrived", _("It is in the bank"), why, act)


def by_hand(mismatch: Mismatch) -> list[Suggestion]:
    """M13."""
    return [
        seen(
            _("Understood"),
            _(
                "Stripe cannot say what is in it. It counts whole, by its date; with automatic "
                "payouts each transaction could be followed."
            ),
            _("Counted whole, by its date."),
        ),
        Suggestion(
            "payout",
            _("Open the payout"),
            _("See what it is made of."),
            leads_to=Place("payout", mismatch.about),
        ),
    ]


def not_paid_out(mismatch: Mismatch) -> list[Suggestion]:
    """M15."""

    def act(by: User, at: datetime) -> str:
        polling.sync_payouts(at=at)
        return _("The payouts were read again.")

    held = mismatch.amount_minor < 0
    why = (
        _("Stripe takes it from the next payouts until its balance is positive again.")
        if held
        else _("A payout of it was not heard of, or Stripe keeps a reserve.")
    )
    return [Suggestion("read", _("Read the payouts again"), why, act)]


SUGGESTERS: dict[str, Suggester] = {
    "M11": each(does_not_add_up),
    "M12": not_in_the_bank,
    "M13": each(by_hand),
    "M15": each(not_paid_out),
}
