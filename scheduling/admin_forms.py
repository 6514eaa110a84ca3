"""Forms of the Wagtail admin that check more than one row at a time, or more than their form."""

from itertools import combinations
from typing import Any

from django import forms
from django.forms import ModelForm
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm

from accounts.reaching.errors import ElsewhereTrouble
from scheduling.importing.choosing import forget_times, masked, usable_address
from scheduling.models import BusyCalendar, Room, Therapist, WorkingHours


class TherapistForm(WagtailAdminModelForm):
    """A therapist with all their shifts, which must not overlap one another (S3)."""

    def is_valid(self) -> bool:
        return bool(super().is_valid()) and self._shifts_are_apart()

    def _shifts_are_apart(self) -> bool:
        formset = self.formsets.get("working_hours")
        if formset is None:
            return True
        shifts = [form for form in formset.forms if form not in formset.deleted_forms]
        filled = [form for form in shifts if form.has_changed() or form.instance.pk]
        apart = True
        for one, other in combinations(filled, 2):
            if one.instance.clashes_with(other.instance):
                _say(other, one.instance)
                apart = False
        return apart


def _say(form: "ModelForm[WorkingHours]", other: WorkingHours) -> None:
    sentence = _("Overlaps the shift %(shift)s at %(place)s.")
    form.add_error("starts", sentence % {"shift": other, "place": other.location})


def sessions_without_a_room(therapist: Therapist) -> list[str]:
    """Sentences on what a therapist gives and no room at their places is for (E11)."""
    places = {shift.location for shift in therapist.working_hours.select_related("location")}
    given = list(therapist.variants.select_related("service"))
    rooms = Room.objects.filter(location__in=places, is_active=True).prefetch_related("variants")
    fits: dict[int, list[set[int]]] = {place.pk: [] for place in places}
    for room in rooms:
        fits[room.location_id].append({variant.pk for variant in room.variants.all()})
    return [
        _("No room at %(place)s fits %(session)s, so it cannot be booked there.")
        % {"place": place, "session": variant}
        for place in sorted(places, key=lambda one: one.pk)
        for variant in given
        if not any(not kinds or variant.pk in kinds for kinds in fits[place.pk])
    ]


class BusyCalendarForm(WagtailAdminModelForm):
    """An imported calendar. Its address is a secret: it can be replaced here, not looked at."""

    class Meta:
        model = BusyCalendar
        fields = ("therapist", "label", "url", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept = self.instance.url
        self.fields["url"] = forms.CharField(
            label=_("Address"),
            required=not self._kept,
            max_length=500,
            help_text=_("Now %(address)s. Leave this empty to keep it.")
            % {"address": masked(self._kept)}
            if self._kept
            else _("The calendar's secret ICS address, as its settings page shows it."),
        )
        self.initial.pop("url", None)

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not url:
            return str(self._kept)
        try:
            return usable_address(url)
        except ElsewhereTrouble as trouble:
            raise forms.ValidationError(str(trouble)) from None

    def save(self, commit: bool = True) -> BusyCalendar:
        calendar: BusyCalendar = super().save(commit=commit)
        if commit and (calendar.url != self._kept or not calendar.is_active):
            forget_times(calendar)
        return calendar
