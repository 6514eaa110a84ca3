"""Pages for when it does not work out: each says what happened and what to do next."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from payments.attributing import VIA, token_in
from payments.models import ServiceVariant
from scheduling.availability import FreeTime
from scheduling.models import Location
from scheduling.web.slots import buttons, slot_value

TIME_GONE = "That time has just gone. These are close."


def problem(
    request: HttpRequest, *, status: int, title: str, text: str, url: str = "", label: str = ""
) -> HttpResponse:
    """A page with one sentence and one way on."""
    context = {
        "title": title,
        "text": text,
        "url": url or reverse("scheduling:book"),
        "label": label or "Choose a time",
    }
    return render(request, "scheduling/problem.html", context, status=status)


def time_gone(
    request: HttpRequest,
    *,
    variant: ServiceVariant,
    location: Location,
    nearest: Iterable[FreeTime],
    sentence: str = TIME_GONE,
    move_url: str = "",
    taken: datetime | None = None,
) -> HttpResponse:
    """409 with the nearest times as buttons. What was typed waits in the session.

    With ``move_url`` a session was to be moved, and the times lead back to the question. With
    ``taken``, the start somebody else has, she may wait for it (E14).
    """
    place = {"variant": variant.code, "location": location.code, "therapist": ""}
    via = token_in(request.POST) or token_in(request.GET)
    context = {
        "variant": variant,
        "sentence": sentence,
        "slots": buttons(nearest, move_url=move_url),
        "zone": location.timezone,
        "hidden": place | ({VIA: via} if via else {}),
        "wish": place | {"start": slot_value(taken)} if taken else None,
        "hold_url": "" if move_url else reverse("scheduling:hold"),
        "moving": bool(move_url),
        "more_url": move_url or reverse("scheduling:choose_time", args=[variant.code]),
    }
    return render(request, "scheduling/time_gone.html", context, status=409)


def link_is_old(request: HttpRequest, token: str) -> HttpResponse:
    """The session has changed since this link was mailed; a newer one can be asked for (B13)."""
    context = {"token": token, "asked": "asked" in request.GET}
    return render(request, "scheduling/link_is_old.html", context, status=410)


def too_many_links(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        status=429,
        title="Please wait a minute",
        text="Many links that are not ours were tried from your connection. Yours works again in "
        "a minute.",
    )
