"""What staff type to pay back and to answer a dispute."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import forms

from accounts.isolating import isolated
from payments.models import PaymentAttempt
from payments.refunding.units import Holding
from portal.staff.forms import LONGEST_REASON

HOW = [
    (PaymentAttempt.Method.CARD.value, "To the card it was paid with"),
    (PaymentAttempt.Method.CASH.value, "Cash, from the drawer"),
    (PaymentAttempt.Method.TERMINAL.value, "Card terminal"),
    (PaymentAttempt.Method.TRANSFER.value, "Bank transfer"),
]


class SumsForm(forms.Form):
    """How many credits and how much: asked by GET, so the sums have an address."""

    units = forms.IntegerField(
        label="Credits to take back", min_value=0, max_value=999, required=False
    )
    amount = forms.DecimalField(
        label="Amount",
        min_value=Decimal(0),
        max_digits=12,
        required=False,
        help_text="Empty: what the terms say.",
        error_messages={"invalid": "Enter an amount, like 52.00."},
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.digits = get_currency_precision(currency)

    def clean_amount(self) -> Decimal | None:
        given: Decimal | None = self.cleaned_data["amount"]
        if given is not None and given != round(given, self.digits):
            raise forms.ValidationError("That is finer than the currency's smallest coin.")
        return given

    @property
    def amount_minor(self) -> int | None:
        given = self.cleaned_data.get("amount")
        return None if given is None else int(given.scaleb(self.digits))


class RefundForm(forms.Form):
    """The yes to the sums that were shown."""

    method = forms.ChoiceField(
        label="How does the money go back?", choices=HOW, widget=forms.RadioSelect
    )
    reference = forms.CharField(
        label="Slip, transfer or who took the cash",
        max_length=80,
        required=False,
        help_text="Not needed for a card refund.",
    )
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        help_text="Kept with your name and the time. Write nothing about health.",
        error_messages={"required": "Say why, in a few words."},
    )

    def __init__(self, *args: Any, by_card: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["method"]
        field.choices = HOW if by_card else HOW[1:]  # type: ignore[attr-defined]
        field.initial = HOW[0 if by_card else 1][0]


class AssignForm(forms.Form):
    """So many credits of each lot; the fields are named by the lots."""

    reason = forms.CharField(
        label="What you know of it",
        max_length=LONGEST_REASON,
        help_text="Kept with your name and the time. Write nothing about health.",
        error_messages={"required": "Say what you know, in a few words."},
    )

    def __init__(self, *args: Any, holdings: Sequence[Holding], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lots: dict[str, uuid.UUID] = {}
        for holding in holdings:
            name = f"units_{holding.lot.public_id.hex}"
            self.lots[name] = holding.lot.public_id
            self.fields[name] = forms.IntegerField(
                label=f"Credits of {holding.lot.name} ({isolated(holding.lot.owner)})",
                min_value=0,
                max_value=holding.free,
                help_text=f"{holding.free} free.",
            )
        self.order_fields([*self.lots, "reason"])

    @property
    def units(self) -> dict[uuid.UUID, int]:
        return {lot: self.cleaned_data[name] for name, lot in self.lots.items()}

    @property
    def unit_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.lots]


class AnswerForm(forms.Form):
    more = forms.CharField(
        label="Anything to add",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="It goes to the bank as it is. Write nothing about health.",
    )
