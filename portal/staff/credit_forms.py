"""What staff type when they give, extend, rest or pass on credits."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django import forms

from accounts.models import User
from payments.models import ServiceVariant
from portal.staff.forms import LONGEST_REASON

GOODWILL_LASTS = timedelta(days=365)
MOST_GIVEN = 50


class AdjustForm(forms.Form):
    """A reason; and a key made with the page, so that a double click acts once."""

    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        help_text="The runner reads it in the statement, with your name.",
        error_messages={"required": "Say why, in a few words."},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid4()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose a day.", "invalid": "Choose a day."},
    )


def _units(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=MOST_GIVEN, initial=1)


class ExtendForm(AdjustForm):
    until = _day("New last day")


class UndoForm(AdjustForm):
    entry = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class TransferForm(AdjustForm):
    units = _units("How many credits")
    to = forms.EmailField(
        label="Email of who gets them",
        max_length=254,
        error_messages={
            "required": "Enter an email address, like name@example.com",
            "invalid": "Enter an email address, like name@example.com",
        },
    )

    def clean_to(self) -> User:
        address = str(self.cleaned_data["to"]).lower()
        found: User | None = User.objects.filter(email=address, is_active=True).first()
        if found is None:
            raise forms.ValidationError("Nobody here has that address. They sign up first.")
        return found


class GoodwillForm(AdjustForm):
    units = _units("How many credits")
    variants = forms.ModelMultipleChoiceField(
        ServiceVariant.objects.none(),
        to_field_name="code",
        label="For which sessions",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what it pays for."},
    )
    until = _day("Last day")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs["initial"] = {"until": today + GOODWILL_LASTS} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        sessions = ServiceVariant.objects.on_offer().select_related("service")
        self.fields["variants"].queryset = sessions  # type: ignore[attr-defined]
