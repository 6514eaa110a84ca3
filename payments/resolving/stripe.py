"""What can be done about unknown kinds (M14), test beside live (M21) and silence (M22)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from payments import polling
from payments.chart import Role, accounts
from payments.classifying import ROLES, classify, likely_role
from payments.models import Charge, Mismatch
from payments.resolving.suggestions import Act, Suggester, Suggestion, each, seen


def unknown_kind(mismatches: Sequence[Mismatch]) -> dict[int, list[Suggestion]]:
    """M14: where its name says it belongs, then every other account it may go to."""
    names = accounts()
    found = {}
    for mismatch in mismatches:
        category, type_ = (str(mismatch.details.get(key, "")) for key in ("category", "type"))
        best = likely_role(category, type_)
        why = _("“%(category)s” goes there, now and whenever it comes again.") % {
            "category": category
        }
        roles = [best, *(role for role in ROLES if role != best)]
        found[mismatch.pk] = [
            Suggestion(
                f"as-{role.code}",
                _("It is: %(name)s") % {"name": names[role.code].name},
                why if role == best else "",
                _classified(category, type_, role),
            )
            for role in roles
        ]
    return found


def _classified(category: str, type_: str, role: Role) -> Act:
    def act(by: User, at: datetime) -> str:
        classify(category=category, type_=type_, role=role, by=by, at=at)
        return _("Classified as %(name)s.") % {"name": accounts()[role.code].name}

    return act


def test_beside_live(mismatch: Mismatch) -> list[Suggestion]:
    """M21."""

    def act(by: User, at: datetime) -> str:
        Charge.objects.filter(pk=mismatch.about).update(attempt=None)
        return _("Left out of the order.")

    if mismatch.about.startswith("cs_"):
        return [
            seen(
                _("Leave it out"),
                _("A test payment for a live order, or the reverse. Nothing was granted."),
                _("Left out; nothing was granted."),
            )
        ]
    why = _("It is of the other mode, so it is no money for this order.")
    return [Suggestion("leave-out", _("Leave it out"), why, act)]


def webhooks_missing(mismatch: Mismatch) -> list[Suggestion]:
    """M22."""

    def act(by: User, at: datetime) -> str:
        count = polling.poll_events(at=at)
        polling.sweep_balance_transactions(at=at)
        return _("Stripe was asked: %(count)d events more.") % {"count": count}

    why = _("Stripe could not reach us. What it could not tell, we ask for.")
    return [Suggestion("ask", _("Ask Stripe now"), why, act)]


SUGGESTERS: dict[str, Suggester] = {
    "M14": unknown_kind,
    "M21": each(test_beside_live),
    "M22": each(webhooks_missing),
}
