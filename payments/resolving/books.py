"""What can be done about the books themselves: M23 and M24."""

from django.utils.translation import gettext as _

from payments.models import Mismatch
from payments.resolving.suggestions import Place, Suggester, Suggestion, each, seen


def after_closing(mismatch: Mismatch) -> list[Suggestion]:
    """M23: it is right where it is; the bookkeeper only has to know."""
    told = seen(
        _("Understood"),
        _("It happened in closed books, so it counts in the open ones and keeps its own date."),
        _("Stands in the open period."),
    )
    kind, _sep, ident = mismatch.about.partition(":")
    if kind != "journal":
        return [told]
    show = Suggestion(
        "entry", _("Show the entry"), _("See its lines."), leads_to=Place("journal", ident)
    )
    return [told, show]


def tax_differs(mismatch: Mismatch) -> list[Suggestion]:
    """M24: sold terms stay as they are; a difference is corrected in the journal."""
    stands = seen(
        _("It stands as sold"),
        _("The line was sold with this tax, and the receipt says so."),
        _("Reviewed: it stands as sold."),
    )
    correct = Suggestion(
        "correct",
        _("Correct it in the journal"),
        _("Move the difference between two accounts, with a reason."),
        leads_to=Place("correction"),
    )
    return [stands, correct]


SUGGESTERS: dict[str, Suggester] = {"M23": each(after_closing), "M24": each(tax_differs)}
