"""What can be done about money that went back or is claimed back: M07 to M10."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from payments import stripe_gateway as gateway
from payments.mirroring import keep_refund
from payments.models import Dispute, Mismatch
from payments.resolving.suggestions import Place, Suggester, Suggestion, each, seen


def no_units(mismatch: Mismatch) -> list[Suggestion]:
    """M07: which credits it covers is a person's to say, never guessed."""
    why = _("Made in Stripe's dashboard. Say which credits it covers; they are taken back.")
    place = Place("refund", mismatch.about)
    return [Suggestion("choose", _("Choose the credits"), why, leads_to=place)]


def stuck(mismatch: Mismatch) -> list[Suggestion]:
    """M08."""

    def act(by: User, at: datetime) -> str:
        row = gateway.retrieve_refund(mismatch.about)
        keep_refund(row, at=at)
        return _("Stripe says: %(status)s.") % {"status": row.status}

    look = Suggestion(
        "look", _("Ask Stripe again"), _("It may have arrived since we last heard."), act
    )
    if mismatch.order is None:
        return [look]
    place = Place("order", str(mismatch.order.public_id))
    again = Suggestion(
        "order",
        _("Pay it another way"),
        _("It did not arrive, and the runner is owed the money."),
        leads_to=place,
    )
    failed = mismatch.details.get("status") in {"failed", "canceled"}
    return [again, look] if failed else [look, again]


def more_than_units(mismatch: Mismatch) -> list[Suggestion]:
    """M09: what was proposed is agreed to on its page; what is done is approved here."""
    if "proposed_by_id" in mismatch.details:
        why = _("%(name)s proposed it. Somebody else has to agree.") % {
            "name": mismatch.details.get("proposed_by", "")
        }
        place = Place("proposal", str(mismatch.pk))
        return [Suggestion("agree", _("Look at the proposal"), why, leads_to=place)]
    return [
        seen(
            _("Approve the difference"),
            _("More went back than the credits were worth. The rest is a cost of ours."),
            _("The difference was approved."),
            key="approve",
        )
    ]


def disputed(mismatch: Mismatch) -> list[Suggestion]:
    """M10: on the dispute's page; a warning of the bank has none yet, so on the order's."""
    dispute, _colon, _more = mismatch.about.partition(":")
    if mismatch.order is not None and not Dispute.objects.filter(pk=dispute).exists():
        warned = _("Pay it back before it becomes a dispute, or write to the buyer.")
        place = Place("order", str(mismatch.order.public_id))
        return [Suggestion("order", _("Open the order"), warned, leads_to=place)]
    why = _("Freeze the unused credits and send what proves the sale.")
    place = Place("dispute", dispute)
    return [Suggestion("open", _("Open the dispute"), why, leads_to=place)]


SUGGESTERS: dict[str, Suggester] = {
    "M07": each(no_units),
    "M08": each(stuck),
    "M09": each(more_than_units),
    "M10": each(disputed),
}
