"""A wish as forms and sessions carry it, and as the acts want it."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict

from payments.models import ServiceVariant
from scheduling.errors import WaitlistRefused
from scheduling.models import Location, Therapist, WaitlistEntry
from scheduling.models.people import MIDNIGHT, Weekday
from scheduling.models.waitlist import EVERY_WEEKDAY
from scheduling.waitlisting.joining import Want
from scheduling.web.holding import UnknownChoice, read_code, read_therapist
from scheduling.web.slots import UnreadableSlot, read_slot

_WISH = "waitlist_wish"
FIELDS = ("variant", "location", "therapist", "day", "start")
NOTICES = (
    ("", "As for booking online"),
    ("1440", "A day ahead or more"),
    ("30", "Also last minute"),
)


def remember_wish(request: HttpRequest, fields: dict[str, str]) -> None:
    """Keep the choice in the session until she is signed in."""
    request.session[_WISH] = fields


def remembered_wish(request: HttpRequest) -> dict[str, str]:
    wish: dict[str, str] = request.session.get(_WISH, {})
    return wish


def forget_wish(request: HttpRequest) -> None:
    request.session.pop(_WISH, None)


def read_wish(fields: dict[str, str]) -> Want:
    """What one tap means: that very start, or that whole day, with who was asked for.

    Raises:
        UnknownChoice: it names something we do not offer.
        WaitlistRefused: its day or time cannot be read.
    """
    variants = ServiceVariant.objects.bookable_online().select_related("service")
    variant = variants.filter(code=read_code(fields.get("variant", ""))).first()
    if variant is None:
        raise UnknownChoice("We do not offer that treatment online. These are the ones we do.")
    places = Location.objects.filter(is_active=True)
    place = places.filter(code=read_code(fields.get("location", ""))).first()
    if place is None:
        raise UnknownChoice("We do not work at that place.")
    therapist = read_therapist(fields.get("therapist", ""))
    therapists = (therapist,) if therapist else ()
    if fields.get("start"):
        return _that_start(variant, place, therapists, fields["start"])
    day = _day(fields.get("day", ""))
    return Want((variant,), place, day, day, therapists)


def _that_start(
    variant: ServiceVariant, place: Location, therapists: tuple[Therapist, ...], slot: str
) -> Want:
    """The start she wanted, or the next on the grid: it is the one that was taken."""
    try:
        start = read_slot(slot).astimezone(place.zone)
    except UnreadableSlot as error:
        raise WaitlistRefused("We could not read that time. Choose a day.") from error
    end = start + timedelta(minutes=variant.increment_minutes)
    before = end.time() if end.date() == start.date() else MIDNIGHT
    return Want(
        (variant,),
        place,
        start.date(),
        start.date(),
        therapists,
        starts_from=start.time().replace(second=0, microsecond=0),
        starts_before=before.replace(second=0, microsecond=0),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WaitlistRefused("We could not read that day. Choose another one.") from error


class WishForm(forms.Form):
    """Everything about a wish that she may change. The act decides whether it makes sense."""

    variants = forms.MultipleChoiceField(
        label="Session",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one length"},
    )
    therapists = forms.MultipleChoiceField(
        label="With",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Choose nobody and it is anyone, which is soonest.",
    )
    first_on = forms.DateField(
        label="From day", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    last_on = forms.DateField(label="To day", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    weekdays = forms.MultipleChoiceField(
        label="On",
        choices=[(str(day.value), f"{day.label}s") for day in Weekday],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one day of the week"},
    )
    starts_from = forms.TimeField(
        label="Starting from",
        required=False,
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
        help_text="Empty: as early as we open.",
    )
    starts_before = forms.TimeField(
        label="Starting before",
        required=False,
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
        help_text="Empty: as late as we work.",
    )
    notice = forms.ChoiceField(
        label="How soon may it start?", choices=NOTICES, required=False, widget=forms.RadioSelect
    )

    def __init__(self, entry: WaitlistEntry, data: QueryDict | None = None) -> None:
        self.location = entry.location
        services = {variant.service_id for variant in entry.variants.all()}
        known = ServiceVariant.objects.bookable_online().select_related("service")
        self.lengths = {one.code: one for one in known.filter(service__in=services)}
        giving = Therapist.objects.bookable_online().filter(variants__service__in=services)
        here = giving.filter(working_hours__location=entry.location).distinct()
        self.people = {one.code: one for one in here}
        super().__init__(data, initial=_initial(entry))
        self._choose("variants", [(code, one.name) for code, one in self.lengths.items()])
        self._choose("therapists", [(code, one.name) for code, one in self.people.items()])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    @property
    def want(self) -> Want:
        """The wish of a valid form."""
        typed = self.cleaned_data
        return Want(
            variants=tuple(self.lengths[code] for code in typed["variants"]),
            location=self.location,
            first_on=typed["first_on"],
            last_on=typed["last_on"],
            therapists=tuple(self.people[code] for code in typed["therapists"]),
            weekdays="".join(typed["weekdays"]),
            starts_from=typed["starts_from"] or MIDNIGHT,
            starts_before=typed["starts_before"] or MIDNIGHT,
            notice_minutes=int(typed["notice"]) if typed["notice"] else None,
        )


def _initial(entry: WaitlistEntry) -> dict[str, Any]:
    return {
        "variants": [variant.code for variant in entry.variants.all()],
        "therapists": [therapist.code for therapist in entry.therapists.all()],
        "first_on": entry.first_on,
        "last_on": entry.last_on,
        "weekdays": list(entry.weekdays or EVERY_WEEKDAY),
        "starts_from": entry.starts_from if entry.starts_from != MIDNIGHT else None,
        "starts_before": entry.starts_before if entry.starts_before != MIDNIGHT else None,
        "notice": "" if entry.notice_minutes is None else str(entry.notice_minutes),
    }
