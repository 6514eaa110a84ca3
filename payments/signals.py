"""News for the apps above. Sent inside the transaction of the act they tell of, with
`send`: an error in a receiver undoes the act, so a receiver that can wait should wait
for the commit."""

from django.dispatch import Signal

rules_saved = Signal()  # policy; a version of the terms is new, or was changed before its first use
order_paid = Signal()  # order, lots, at
checkout_ended = Signal()  # order, at; the order was not paid
purchase_reversed = Signal()  # order, lots, at; units of these lots were taken back
refund_settled = Signal()  # request, at; the money is on its way to the buyer for good
refund_failed = Signal()  # request, at; it did not happen, or was undone: the units are back
dispute_opened = Signal()  # dispute, order, booking_ids, at; sessions that may come to be unpaid
dispute_closed = Signal()  # dispute, order, at
