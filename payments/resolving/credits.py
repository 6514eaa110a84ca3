"""What can be done about lots that do not add up (M16) or should have ended (M20)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting import expire_due
from payments.crediting.reviewing import hold_for_review
from payments.models import CreditLot, Mismatch
from payments.resolving.suggestions import Place, Suggester, Suggestion, each


def lot_broken(mismatches: Sequence[Mismatch]) -> dict[int, list[Suggestion]]:
    """M16: hold the lot, then look at its entries."""
    lots = {
        str(lot.public_id): lot
        for lot in CreditLot.objects.filter(public_id__in=[UUID(one.about) for one in mismatches])
    }
    found = {}
    for mismatch in mismatches:
        show = Suggestion(
            "entries",
            _("Show its entries"),
            str(mismatch.details.get("what", "")).capitalize(),
            leads_to=Place("lot", mismatch.about),
        )
        lot = lots.get(mismatch.about)
        usable = lot is not None and lot.status == CreditLot.Status.ACTIVE
        found[mismatch.pk] = [_hold(lot), show] if lot and usable else [show]
    return found


def _hold(lot: CreditLot) -> Suggestion:
    def act(by: User, at: datetime) -> str:
        hold_for_review(lot=lot, by=by, at=at, reason=_("Its entries do not add up"))
        return _("The lot is held until its entries add up.")

    why = _("Nobody should book with it before its entries are understood.")
    return Suggestion("hold", _("Hold the lot"), why, act)


def expired_but_available(mismatch: Mismatch) -> list[Suggestion]:
    """M20."""

    def act(by: User, at: datetime) -> str:
        return _("%(count)d credits ended.") % {"count": expire_due(at=at)}

    why = _("The hourly job did not come to it.")
    return [Suggestion("expire", _("End them now"), why, act)]


SUGGESTERS: dict[str, Suggester] = {"M16": lot_broken, "M20": each(expired_but_available)}
