"""What the page of accounting exports asks."""

from datetime import date, timedelta
from typing import Any

from django import forms

from payments.exporting import Asked
from payments.exporting.accounting import ExportError, Options
from payments.exporting.programs import FEWEST_LINES, FILES, File, Prepared, currencies, prepare
from payments.money import DEFAULT_CURRENCY

ONE_DAY = timedelta(days=1)
MOST_LINES = 100_000
FIELDS = {"start": "first", "end": "last"}  # what the act calls what the form asks


def _day(label: str) -> forms.DateField:
    said = f"Choose the {'first' if label == 'From' else 'last'} day."
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": said, "invalid": said},
    )


def _files() -> list[tuple[str, list[tuple[str, str]]]]:
    programs = dict.fromkeys(file.program for file in FILES.values())
    return [
        (
            name,
            [(one.code, f"{name}: {one.title}") for one in FILES.values() if one.program == name],
        )
        for name in programs
    ]


class ExportForm(forms.Form):
    """Days, a file, and how the other program wants to be written to."""

    first = _day("From")
    last = _day("To")
    file = forms.ChoiceField(
        label="File",
        choices=_files,
        error_messages={"required": "Choose a file.", "invalid_choice": "Choose a file."},
    )
    currency = forms.ChoiceField(
        label="Currency",
        error_messages={"required": "Choose a currency.", "invalid_choice": "Choose a currency."},
    )
    days = forms.ChoiceField(
        label="Days are written",
        choices=[
            ("", "As the program wants"),
            ("mdy", "Month/day/year"),
            ("dmy", "Day/month/year"),
            ("iso", "Year-month-day"),
        ],
        required=False,
        error_messages={"invalid_choice": "Choose how days are written."},
    )
    tax_rate = forms.CharField(
        label="Tax rate in Xero",
        max_length=100,
        required=False,
        help_text="Its full name there. Manual journals only.",
    )
    most_lines = forms.IntegerField(
        label="Lines a file",
        min_value=FEWEST_LINES,
        max_value=MOST_LINES,
        help_text="At most so many. Manual journals only.",
        error_messages={
            "required": "Say how many lines a file may have.",
            "invalid": "Say how many lines a file may have, as a whole number.",
            "min_value": "A journal has at least two lines.",
            "max_value": "That is more than a program takes.",
        },
    )
    bom = forms.BooleanField(
        label="A mark for Excel",
        required=False,
        help_text="So that Excel reads accents when you open the file first.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(one, one) for one in currencies()]
        self.fields["currency"].choices = found  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if "last" in found and found["last"] == date.max:
            self.add_error("last", "That day is too far away.")
        return found

    @property
    def wanted(self) -> File:
        return FILES[self.cleaned_data["file"]]

    @property
    def asked(self) -> Asked:
        return Asked(self.cleaned_data["first"], self.cleaned_data["last"] + ONE_DAY)

    @property
    def options(self) -> Options:
        found = self.cleaned_data
        return Options(
            found["currency"],
            days=found["days"] or self.wanted.days,
            bom=found["bom"],
            tax_rate=found["tax_rate"],
            most_lines=found["most_lines"],
        )

    def prepared(self) -> Prepared | None:
        """The file asked for; None when it cannot be, and then its field says why."""
        if not self.is_valid():
            return None
        try:
            return prepare(file=self.wanted, asked=self.asked, options=self.options)
        except ExportError as refusal:
            self.add_error(FIELDS.get(refusal.field, refusal.field), str(refusal))
            return None


def unasked(today: date) -> dict[str, str]:
    """Last month, for the first program."""
    end, usual = today.replace(day=1), Options(DEFAULT_CURRENCY)
    return {
        "first": (end - ONE_DAY).replace(day=1).isoformat(),
        "last": (end - ONE_DAY).isoformat(),
        "file": next(iter(FILES)),
        "currency": usual.currency,
        "tax_rate": usual.tax_rate,
        "most_lines": str(usual.most_lines),
    }
