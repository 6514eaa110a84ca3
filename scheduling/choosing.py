"""The package somebody names to pay for a session."""

from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting import NoCredit
from payments.models import CreditLot


def chosen_lot(runner: User, public_id: UUID | str | None) -> CreditLot | None:
    """The runner's own lot of that id; None when none was named: then the first to end pays.

    Raises:
        NoCredit: she has no such package.
    """
    if not public_id:
        return None
    try:
        wanted = UUID(str(public_id))
        return CreditLot.objects.of(runner).select_related("policy").get(public_id=wanted)
    except (ValueError, CreditLot.DoesNotExist) as missing:
        raise NoCredit(_("You have no such package.")) from missing
