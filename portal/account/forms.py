"""What a runner tells of herself on her own pages."""

from decimal import Decimal
from typing import Any

from django import forms

from accounts.races import MOST_WEEKLY_KM, Race, RunnerHabits
from accounts.racing import Habits, RaceFacts
from scheduling.models import Therapist

METRES = 1000


class RaceForm(forms.Form):
    name = forms.CharField(
        label="Race", max_length=120, error_messages={"required": "Give the race a name."}
    )
    held_on = forms.DateField(
        label="Day",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Choose the day of the race.",
            "invalid": "Type the day like 2027-04-25.",
        },
    )
    distance_km = forms.DecimalField(
        label="Distance in km",
        min_value=Decimal("0.1"),
        max_value=Decimal(500),
        decimal_places=3,
        help_text="21.1 is a half marathon, 42.2 a marathon.",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={
            "required": "Say how far it is.",
            "invalid": "Type a number, such as 10 or 21.1.",
            "min_value": "The distance lies between 0.1 and 500 km.",
            "max_value": "The distance lies between 0.1 and 500 km.",
        },
    )
    priority = forms.ChoiceField(
        label="How much it matters",
        choices=Race.Priority.choices,
        initial=Race.Priority.B,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose A, B or C."},
    )

    def facts(self) -> RaceFacts:
        said = self.cleaned_data
        metres = round(said["distance_km"] * METRES)
        return RaceFacts(said["name"], said["held_on"], metres, said["priority"])


def typed(race: Race) -> dict[str, str]:
    """A race as it is typed into the form."""
    return {
        "name": race.name,
        "held_on": f"{race.held_on:%Y-%m-%d}",
        "distance_km": f"{Decimal(race.distance_m) / METRES:f}",
        "priority": race.priority,
    }


class HabitsForm(forms.Form):
    weekly_km = forms.IntegerField(
        label="Kilometres a week",
        required=False,
        min_value=0,
        max_value=MOST_WEEKLY_KM,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "Type a whole number, such as 40."},
    )
    therapist = forms.ChoiceField(label="Therapist you like best", required=False)
    pressure = forms.ChoiceField(
        label="Pressure",
        required=False,
        choices=[("", "Ask me each time"), *RunnerHabits.Pressure.choices],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = Therapist.objects.filter(is_active=True).order_by("name")
        choices = [("", "No wish"), *named.values_list("code", "name")]
        self.fields["therapist"].choices = choices  # type: ignore[attr-defined]

    def habits(self) -> Habits:
        said = self.cleaned_data
        return Habits(said["weekly_km"], said["therapist"], said["pressure"])


def habits_typed(habits: Habits) -> dict[str, Any]:
    return {
        "weekly_km": habits.weekly_km,
        "therapist": habits.therapist_code,
        "pressure": habits.pressure,
    }
