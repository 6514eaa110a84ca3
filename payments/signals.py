"""News for the apps above. Sent inside the transaction of the act they tell of, with
`send`: an error in a receiver undoes the act, so a receiver that can wait should wait
for the commit."""

from django.dispatch import Signal

order_paid = Signal()  # order, lots, at
checkout_ended = Signal()  # order, at; the order was not paid
refund_settled = Signal()  # request, at; paid back, or failed for good
purchase_reversed = Signal()  # order, lots, at
