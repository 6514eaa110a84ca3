"""The bank page: lines of the statement with what they may be, and the forms that say more."""

from typing import Any

from django import forms
from django.core.cache import cache

from payments.bank_statements import MOST_BYTES, Columns, ColumnsUnknown
from payments.models import BankLine
from payments.models.bank import BankLineQuerySet

SHOWS = {
    "open": "To match",
    "matched": "Matched",
    "aside": "Set aside",
}
KEPT_SECONDS = 30 * 60  # how long a file waits for somebody to name its columns
FIELDS = {
    "day": "Day",
    "amount": "Amount, with a sign",
    "paid_in": "Money in",
    "paid_out": "Money out",
    "text": "Description",
    "reference": "Reference",
    "currency": "Currency",
    "account": "Account",
}


def lines_of(show: str) -> BankLineQuerySet:
    """The lines of a tab, the latest first."""
    lines = BankLine.objects.select_related("payout", "imported", "matched_by")
    if show == "matched":
        return lines.exclude(payout=None)
    if show == "aside":
        return lines.exclude(set_aside_because="")
    return lines.unmatched()


class StatementForm(forms.Form):
    file = forms.FileField(
        label="The bank's file",
        help_text="CSV, OFX or CAMT.053, up to 5 MB.",
        widget=forms.FileInput(attrs={"accept": ".csv,.ofx,.qfx,.xml,.txt"}),
        error_messages={
            "required": "Choose a file.",
            "empty": "This file is empty.",
            "missing": "Choose a file.",
            "invalid": "Choose a file.",
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                "This file is too large. Export a shorter time, up to 5 MB."
            )
        return file


class ColumnsForm(forms.Form):
    """Which of the file's columns says what."""

    month_first = forms.BooleanField(
        label="Month before day", required=False, help_text="As in 12/31/2026."
    )

    def __init__(self, *args: Any, headers: tuple[str, ...], guess: Columns, **more: Any) -> None:
        more.setdefault("initial", {name: getattr(guess, name) for name in FIELDS})
        super().__init__(*args, **more)
        choices = [("", "None of them"), *((header, header) for header in headers if header)]
        for name, label in FIELDS.items():
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not found.get("day"):
            self.add_error("day", "Choose the column with the day.")
        if not any(found.get(name) for name in ("amount", "paid_in", "paid_out")):
            self.add_error("amount", "Choose the column with the amount, or money in and out.")
        return found

    @property
    def columns(self) -> Columns:
        found = self.cleaned_data
        return Columns(**{name: found[name] for name in FIELDS}, month_first=found["month_first"])


class AsideForm(forms.Form):
    because = forms.CharField(
        label="What it is",
        max_length=200,
        help_text="For instance rent, or a card terminal's settlement.",
        error_messages={"required": "Say what it is, in a few words."},
    )


class ArrivalForm(forms.Form):
    on = forms.DateField(
        label="Day on the statement",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose a day.", "invalid": "Choose a day."},
    )


def keep_file(key: str, name: str, content: bytes, unknown: ColumnsUnknown) -> None:
    """Until somebody has said what its columns are."""
    waiting = {
        "name": name,
        "content": content,
        "headers": unknown.headers,
        "sample": unknown.sample,
        "guess": unknown.guess,
    }
    cache.set(key, waiting, KEPT_SECONDS)


def kept_file(key: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = cache.get(key)
    return found


def forget_file(key: str) -> None:
    cache.delete(key)
