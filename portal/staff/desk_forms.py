"""What is typed where money is taken and counted: what is sold, how it was paid, what was there."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from payments.models import PaymentAttempt
from payments.money import minor
from payments.offers import PackageOffer
from portal.staff.tables import NOTHING
from portal.templatetags.portal_ui import money

Method = PaymentAttempt.Method
METHODS = [
    (Method.CASH.value, "Cash"),
    (Method.TERMINAL.value, "Card terminal"),
    (Method.TRANSFER.value, "Bank transfer"),
]
MOST = Decimal("10000000")


class MoneyField(forms.DecimalField):
    """An amount as people write it, cleaned into minor units of its currency."""

    def __init__(self, *, currency: str, **values: Any) -> None:
        messages = {
            "required": "Enter an amount, like 58.00.",
            "invalid": "Enter an amount, like 58.00.",
            "min_value": "Enter an amount, nothing or more.",
            "max_value": "That is too much to be true.",
        }
        super().__init__(
            min_value=0,
            max_value=MOST,
            error_messages=messages,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            **values,
        )
        self.currency = currency

    def clean(self, value: Any) -> Any:
        typed = value.replace(",", "").strip("£€$ ") if isinstance(value, str) else value
        amount = super().clean(typed)
        if amount is None:
            return None
        try:
            return minor(amount, self.currency)
        except ValueError as wrong:
            raise forms.ValidationError(self.error_messages["invalid"]) from wrong


class TakingsForm(forms.Form):
    """How the money came. `key` makes the second of two clicks the first one again."""

    method = forms.ChoiceField(
        label="How is it paid?",
        choices=METHODS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how it is paid.",
            "invalid_choice": "Choose how it is paid.",
        },
    )
    reference = forms.CharField(
        label="Reference",
        max_length=80,
        required=False,
        help_text="The number on the terminal's slip, or the name on the transfer.",
    )
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"invalid": "Load it again."})

    def __init__(self, *args: Any, currency: str, **values: Any) -> None:
        values.setdefault("initial", {"key": uuid.uuid4(), "method": Method.CASH.value})
        super().__init__(*args, **values)
        self.fields["tendered"] = MoneyField(
            currency=currency,
            label="Cash handed over",
            required=False,
            help_text="If you want the change worked out.",
        )

    @property
    def takings(self) -> dict[str, Any]:
        """As the acts of selling take them."""
        found = self.cleaned_data
        cash = found["method"] == Method.CASH
        return {
            "method": found["method"],
            "reference": found["reference"],
            "key": found["key"],
            "tendered_minor": found["tendered"] if cash else None,
        }


class SaleForm(TakingsForm):
    """The same, with what is sold."""

    def __init__(self, *args: Any, offers: Sequence[PackageOffer], **values: Any) -> None:
        super().__init__(*args, **values)
        self.offers = offers
        self.fields["package"] = forms.ChoiceField(
            label="What is sold?",
            choices=[(offer.code, offer.name) for offer in offers],
            error_messages={
                "required": "Choose what is sold.",
                "invalid_choice": "Choose what is sold.",
            },
        )

    @property
    def packages(self) -> list[dict[str, Any]]:
        """The rows of `components/choice_row.html`."""
        chosen = self["package"].value() or (self.offers[0].code if self.offers else "")
        return [
            {
                "value": offer.code,
                "label": offer.name,
                "detail": ", ".join(offer.covers) or NOTHING,
                "aside": money(offer.price_minor, offer.currency),
                "checked": offer.code == chosen,
            }
            for offer in self.offers
        ]


class CountForm(forms.Form):
    """What was counted in one person's till."""

    note = forms.CharField(
        label="Note",
        max_length=200,
        required=False,
        help_text="Needed when it is not what it should be.",
    )
    again = forms.BooleanField(
        label="Count this till again",
        required=False,
        help_text="What it changes is posted as a correction.",
    )

    def __init__(self, *args: Any, currency: str, **values: Any) -> None:
        super().__init__(*args, **values)
        self.fields["counted"] = MoneyField(currency=currency, label="Cash counted")
