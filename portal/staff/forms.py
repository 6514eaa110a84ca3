"""What staff type: reasons, kept with what they explain, and who, when and how long."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms

from payments.days import in_words
from payments.models import ServiceVariant
from payments.wallets import WalletLot
from portal.staff.asking import on_the_clock
from scheduling.claiming import FIRST_MOMENT, LAST_MOMENT
from scheduling.models import Therapist

LONGEST_REASON = 200
FIRST_DAY, LAST_DAY = FIRST_MOMENT.date(), LAST_MOMENT.date()
ANYONE = "Anyone who is free"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        help_text="Kept with your name and the time. The mail says that we cancelled, not why.",
        error_messages={"required": "Say why, in a few words."},
    )


class CancelForm(ReasonForm):
    """Who cancels decides what becomes of the credit (B8, B9); unsaid it is the practice."""

    whose = forms.ChoiceField(
        label="Who cancels?",
        choices=[
            ("practice", "We do: the credit always comes back"),
            ("runner", "The runner asked us to: her terms decide about the credit"),
            ("waive", "The runner asked us to, and she gets the credit back even if it is late"),
        ],
        widget=forms.RadioSelect,
        required=False,
        initial="practice",
        error_messages={"invalid_choice": "Choose who cancels."},
    )

    @property
    def terms(self) -> dict[str, Any]:
        """As ``cancel_booking`` takes them."""
        whose = self.cleaned_data["whose"]
        return {"for_runner": whose in ("runner", "waive"), "waive": whose == "waive"}

    @property
    def said(self) -> str:
        """What is told afterwards, for a session of that name and state."""
        return {
            "runner": "The session of {name} is {state}.",
            "waive": "The session of {name} is {state}. The credit is back.",
        }.get(self.cleaned_data["whose"], "The session of {name} is cancelled. The credit is back.")


class TakeBackForm(forms.Form):
    reason = forms.CharField(
        label="Why it is taken back",
        max_length=LONGEST_REASON,
        help_text="Kept with your name and the time.",
        error_messages={"required": "Say why, in a few words."},
    )


class PayFromForm(forms.Form):
    """Which of the runner's other packages pays; `lots` are those that may."""

    lot = forms.ChoiceField(
        label="Pay from",
        error_messages={"required": "Choose a package.", "invalid_choice": "Choose a package."},
    )
    reason = forms.CharField(
        label="Why another one pays",
        max_length=LONGEST_REASON,
        help_text="The runner reads it in the statement, with your name.",
        error_messages={"required": "Say why, in a few words."},
    )

    def __init__(self, *args: Any, lots: Sequence[WalletLot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lot"].choices = [  # type: ignore[attr-defined]
            (lot.public_id, f"{lot.name}, {lot.available} left, until {in_words(lot.expires_on)}")
            for lot in lots
        ]


class TurnaroundForm(forms.Form):
    minutes = forms.IntegerField(
        label="Minutes after the session",
        min_value=0,
        max_value=240,
        help_text="Until therapist and room are free again. Shorter than now, never longer.",
    )
    reason = forms.CharField(
        label="Why it is shorter",
        max_length=LONGEST_REASON,
        error_messages={"required": "Say why, in a few words."},
    )


class CommentForm(forms.Form):
    text = forms.CharField(
        label="What you found out",
        widget=forms.Textarea,
        max_length=2000,
        error_messages={"required": "Write something."},
    )


class ResolutionForm(forms.Form):
    resolution = forms.CharField(
        label="What you did",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with your name and the time.",
        error_messages={"required": "Say how it was resolved, in a few words."},
    )


class CalendarForm(forms.Form):
    """An imported calendar; whether its address may be asked is judged by the act."""

    label = forms.CharField(
        label="Name", max_length=60, initial="Private", help_text="For you: Private, Club."
    )
    url = forms.CharField(
        label="Secret address",
        max_length=500,
        help_text="The calendar's ICS address. It starts with https:// or webcal://.",
    )


class NewRunnerForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=150, error_messages={"required": "Enter the name."}
    )
    email = forms.EmailField(
        label="Email",
        max_length=254,
        help_text="The confirmation goes there.",
        error_messages={
            "required": "Enter an email address, like name@example.com",
            "invalid": "Enter an email address, like name@example.com",
        },
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


def _clock(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "required": "Enter a time, like 14:15.",
            "invalid": "Enter a time, like 14:15.",
        },
    )


def _day(label: str = "Day") -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose a day.", "invalid": "Choose a day."},
    )


def _in_reach(day: date) -> date:
    if not FIRST_DAY <= day < LAST_DAY:
        raise forms.ValidationError("That day is too far away.")
    return day


class TimeForm(forms.Form):
    """A session, a time and somebody to give it; ``zone`` says whose clock."""

    session = forms.ModelChoiceField(
        ServiceVariant.objects.none(),
        to_field_name="code",
        label="Session",
        empty_label=None,
        error_messages={"required": "Choose a session.", "invalid_choice": "Choose a session."},
    )
    day = _day()
    clock = _clock("Time")
    therapist = forms.ModelChoiceField(
        Therapist.objects.none(),
        to_field_name="code",
        label="Therapist",
        required=False,
        empty_label=ANYONE,
        error_messages={"invalid_choice": "Choose a therapist."},
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        sessions = ServiceVariant.objects.on_offer().select_related("service")
        self.fields["session"].queryset = sessions  # type: ignore[attr-defined]
        therapists = Therapist.objects.filter(is_active=True)
        self.fields["therapist"].queryset = therapists  # type: ignore[attr-defined]

    def clean_day(self) -> date:
        return _in_reach(self.cleaned_data["day"])

    @property
    def starts_at(self) -> datetime:
        return on_the_clock(self.zone, self.cleaned_data["day"], self.cleaned_data["clock"])


class BlockForm(forms.Form):
    """From one time to another on a day; 00:00 is the midnight after."""

    therapist = forms.ModelChoiceField(
        Therapist.objects.none(),
        to_field_name="code",
        label="Therapist",
        empty_label=None,
        error_messages={
            "required": "Choose a therapist.",
            "invalid_choice": "Choose a therapist.",
        },
    )
    day = _day()
    starts = _clock("From")
    ends = _clock("To")
    reason = forms.CharField(
        label="What for", max_length=120, required=False, help_text="Only staff see it."
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        therapists = Therapist.objects.filter(is_active=True)
        self.fields["therapist"].queryset = therapists  # type: ignore[attr-defined]

    def clean_day(self) -> date:
        return _in_reach(self.cleaned_data["day"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        starts, ends = found.get("starts"), found.get("ends")
        if starts is not None and ends is not None and ends != time(0) and ends <= starts:
            self.add_error("ends", "It ends before it begins.")
        return found
