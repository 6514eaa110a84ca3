"""Small parts the booking pages share."""

from typing import Any

from django import template

from payments.attributing import VIA
from payments.models import ServiceVariant
from scheduling import wording
from scheduling.web.diary import Diary

register = template.Library()

STEPS = ["Time", "You", "Confirm"]


@register.inclusion_tag("components/stepper.html")
def booking_steps(current: int) -> dict[str, Any]:
    """Where the runner is in the three steps."""
    return {"steps": STEPS, "current": current}


@register.filter
def zone_words(zone: str) -> str:
    """The zone as people say it: London time."""
    return wording.zone_words(zone)


@register.simple_tag
def hold_fields(diary: Diary, variant: ServiceVariant) -> dict[str, str]:
    """What goes with a time when it is held from this page."""
    fields = {
        "variant": variant.code,
        "location": diary.location.code,
        "therapist": diary.therapist.code if diary.therapist else "",
    }
    return fields | ({VIA: diary.via} if diary.via else {})
