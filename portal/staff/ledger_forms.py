"""What a bookkeeper types about the books themselves."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import forms

from payments.chart import Role, accounts
from payments.charting import LONGEST_CODE, LONGEST_NAME
from payments.models import BookRules, TaxTiming
from payments.money import DEFAULT_CURRENCY


class ClosingForm(forms.Form):
    """Up to which day, and why although something is open."""

    ends_on = forms.DateField(
        label="Last day",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "Choose the last day.", "invalid": "Choose the last day."},
    )
    note = forms.CharField(label="Note", max_length=120, required=False)
    despite = forms.CharField(
        label="Why close although something is open",
        max_length=120,
        required=False,
        help_text="Only needed then. Kept with your name.",
    )


class AccountForm(forms.Form):
    code = forms.CharField(label="Code", max_length=LONGEST_CODE)
    name = forms.CharField(label="Name", max_length=LONGEST_NAME)


class RulesForm(forms.Form):
    tax_timing = forms.ChoiceField(
        label="When is tax due?", choices=TaxTiming.choices, widget=forms.RadioSelect
    )
    breakage = forms.ChoiceField(
        label="What becomes of credits that expire?",
        choices=BookRules.Breakage.choices,
        widget=forms.RadioSelect,
    )


class CorrectionForm(forms.Form):
    """An amount from one account to another; `key` keeps a second click from posting twice."""

    debit = forms.ChoiceField(label="Debit")
    credit = forms.ChoiceField(label="Credit")
    amount = forms.DecimalField(
        label=f"Amount in {DEFAULT_CURRENCY}",
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=get_currency_precision(DEFAULT_CURRENCY),
    )
    on = forms.DateField(
        label="Day", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    reason = forms.CharField(
        label="Why", max_length=200, help_text="Kept with your name and the time."
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["on"], self.initial["key"] = today, uuid.uuid4()
        names = accounts()
        choices = [(code, f"{one.code} {one.name}") for code, one in names.items()]
        for side in ("debit", "credit"):
            self.fields[side].choices = choices  # type: ignore[attr-defined]

    @property
    def terms(self) -> dict[str, Any]:
        """As ``post_correction`` takes them."""
        typed = self.cleaned_data
        scale = get_currency_precision(DEFAULT_CURRENCY)
        return {
            "key": str(typed["key"]),
            "debit": Role.called(typed["debit"]),
            "credit": Role.called(typed["credit"]),
            "amount_minor": int(typed["amount"].scaleb(scale)),
            "currency": DEFAULT_CURRENCY,
            "reason": typed["reason"],
        }
