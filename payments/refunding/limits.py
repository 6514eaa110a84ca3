"""Who may pay back, and how much at once."""

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import FRONT_DESK, REFUND
from payments.models import RefundLimit
from payments.refunding.errors import MayNotRefund
from payments.refunding.words import money

DEFAULTS = {FRONT_DESK: 100_00}  # for a role of which nobody has decided otherwise


def limit_of(person: User) -> int | None:
    """The most this person may pay back at once, in minor units; None when there is no limit.

    Of several roles that may refund the one that may pay back most counts. A permission given
    by hand and a superuser have no limit.
    """
    if person.is_superuser:
        return None
    codename = REFUND.partition(".")[2]
    roles = list(person.groups.filter(permissions__codename=codename))
    if not roles:
        return None
    rows = dict(RefundLimit.objects.filter(role__in=roles).values_list("role_id", "most_minor"))
    limits = [rows.get(role.pk, DEFAULTS.get(role.name)) for role in roles]
    known = [limit for limit in limits if limit is not None]
    return max(known) if len(known) == len(limits) else None


def require_may_refund(person: User, amount_minor: int, currency: str) -> None:
    """Raises MayNotRefund with what the person may do."""
    if not person.has_perm(REFUND):
        raise MayNotRefund(_("You may not pay back orders."))
    limit = limit_of(person)
    if limit is not None and amount_minor > limit:
        raise MayNotRefund(
            _("You may pay back up to %(limit)s at once. Ask a manager for %(amount)s.")
            % {"limit": money(limit, currency), "amount": money(amount_minor, currency)}
        )


def may_approve(person: User) -> bool:
    """Whether the person may say yes to what others may not do alone."""
    return person.has_perm(REFUND) and limit_of(person) is None
