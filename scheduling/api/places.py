"""Where and with whom."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from scheduling.api.schemas import LocationOut, TherapistOut
from scheduling.models import Location, Therapist

router = Router(tags=["catalogue"])


@router.get("/locations/", response=list[LocationOut], auth=None, operation_id="list_locations")
def list_locations(request: HttpRequest) -> Any:
    return Location.objects.filter(is_active=True)


@router.get("/therapists/", response=list[TherapistOut], auth=None, operation_id="list_therapists")
def list_therapists(request: HttpRequest) -> Any:
    return Therapist.objects.bookable_online()
