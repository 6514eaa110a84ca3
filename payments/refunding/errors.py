"""Refunds that cannot be; each says why to the person asking."""

import uuid
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from payments.refunding.quoting import RefundQuote


class RefundingError(Exception):
    """A refund that cannot be made; nothing is written."""


class NothingToRefund(RefundingError):
    """The order was not paid, or nothing of it is left to pay back."""


class TooMuch(RefundingError):
    """More than is left of what was paid."""


class OrderDisputed(RefundingError):
    """The buyer's bank has the money already, or has asked for it."""


class MayNotRefund(RefundingError):
    """The person may not pay back, or not as much."""


class NeedsApproval(RefundingError):
    """More units than are unused: a second person decides."""


class AlreadyAssigned(RefundingError):
    """Somebody has said already which credits the refund covers."""


class OpenBookings(RefundingError):
    """Sessions are booked with these credits; they are handled first."""

    def __init__(self, booking_ids: tuple[uuid.UUID, ...]) -> None:
        self.booking_ids = booking_ids
        super().__init__(
            ngettext(
                "%(count)s session is booked with these credits. Cancel it first, or refund "
                "fewer credits.",
                "%(count)s sessions are booked with these credits. Cancel them first, or refund "
                "fewer credits.",
                len(booking_ids),
            )
            % {"count": len(booking_ids)}
        )


class StaleRefundQuote(RefundingError):
    """Something has changed since the sums were shown; ``quote`` has them anew."""

    def __init__(self, quote: "RefundQuote") -> None:
        self.quote = quote
        super().__init__(
            _("Something has changed since. Look at the sums again before you refund.")
        )


class UnreadableRefundQuote(RefundingError):
    """The token is forged, or of another order."""

    def __init__(self) -> None:
        super().__init__(_("Start again from the order: these sums are of another one."))
