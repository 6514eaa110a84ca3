"""Which lot pays for a session."""

from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting.errors import NoCredit, OnlyExpiredCredit
from payments.days import in_words, practice_day
from payments.models import CreditLot, ServiceVariant


def choose_lot(
    *,
    owner: User,
    variant: ServiceVariant,
    session_on: date,
    at: datetime,
    returning: CreditLot | None = None,
) -> CreditLot:
    """The lot a session on `session_on`, booked at `at`, is paid from: the one that ends first.

    A unit about to be returned to `returning` counts as there already.

    Raises:
        NoCredit: nothing available covers the variant.
        OnlyExpiredCredit: what is available ends before the session.
    """
    covering = CreditLot.objects.of(owner).covering(variant).active().with_balances()
    has_one = Q(available__gt=0)
    covering = covering.filter(has_one | Q(pk=returning.pk) if returning else has_one)
    if lot := covering.usable_on(session_on, booked_on=practice_day(at)).fifo().first():
        return lot
    last = covering.order_by("-expires_on").first()
    if last is None:
        raise NoCredit(_("You have no credit for this session."))
    if last.expires_on < practice_day(at):
        raise OnlyExpiredCredit(
            _("Your credits ended on %(day)s.") % {"day": in_words(last.expires_on)}
        )
    raise OnlyExpiredCredit(
        _("Your credits end on %(day)s, before this session.") % {"day": in_words(last.expires_on)}
    )


def wanted_lot(
    lot: CreditLot, *, owner: User, variant: ServiceVariant, session_on: date, at: datetime
) -> CreditLot:
    """The lot somebody chose, if it may pay.

    Raises:
        NoCredit: it is another's, covers something else, or has none left for that day.
    """
    mine = CreditLot.objects.of(owner).covering(variant).with_available()
    usable = mine.usable_on(session_on, booked_on=practice_day(at))
    found: CreditLot | None = usable.filter(pk=lot.pk).first()
    if found is None:
        raise NoCredit(_("That package cannot pay for this session."))
    return found
