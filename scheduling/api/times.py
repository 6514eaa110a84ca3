"""Free times, and why one is not free."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from ninja import Router
from pydantic import AwareDatetime

from accounts.api import anybody, caller
from accounts.models import User
from accounts.roles import is_front_desk
from scheduling import availability, remembering
from scheduling.api.lookups import location_called, therapist_called, variant_called
from scheduling.api.questions import days_asked, moment_asked, zone_asked
from scheduling.api.schemas import ExplainedOut, FreeTimeOut
from scheduling.availability import FreeTime
from scheduling.covering import Cover, cover_of
from scheduling.reasons import Reason

# What only staff may know of a therapist's life; to everybody else they do not work then.
PRIVATE = frozenset({Reason.TIME_OFF, Reason.BUSY})

router = Router(tags=["availability"])


@router.get(
    "/",
    response=list[FreeTimeOut] | ExplainedOut,
    auth=anybody,
    operation_id="list_free_times",
)
def list_free_times(
    request: HttpRequest,
    variant: str,
    location: str,
    start: date | None = None,
    end: date | None = None,
    therapist: str | None = None,
    covered: bool = False,
    tz: str | None = None,
    mine: bool = False,
    explain: bool = False,
    starts_at: AwareDatetime | None = None,
) -> Any:
    """Free times from ``start`` up to but not including ``end``, at most 62 days.

    A listing is a hint; the hold is the truth. For somebody signed in each time says whether a
    credit of theirs covers it (``covered``); ``covered=1`` leaves out the others and ``mine=1``
    what the rules keep from them. For nobody in particular the list may be 15 seconds old and has
    an ETag. With ``tz`` each start is also given on the viewer's clock. With ``explain=1`` and
    ``starts_at`` the answer is what each therapist's rules say of that one start.
    """
    viewer = zone_asked(tz)
    known = request.user if isinstance(request.user, User) else None
    if covered or mine:
        known = caller(request)
    runner = known if mine else None
    if explain:
        return _explained(request, variant, location, therapist, moment_asked(starts_at), runner)
    first, after = days_asked(start, end)

    def listed() -> bytes:
        session, place = variant_called(variant), location_called(location)
        at = timezone.now()
        cover = cover_of(runner=known, variant=session, at=at) if known else None
        times = availability.free_times(
            variant=session,
            location=place,
            therapist=therapist_called(therapist),
            start=first,
            end=after,
            at=at,
            runner=runner,
        )
        if covered and cover is not None:
            times = cover.only(times)
        return _body(times, place.zone, viewer, cover)

    if known is not None:
        return _sent(listed(), "private, no-store")
    question = json.dumps([variant, location, therapist, str(first), str(after), tz])
    # A proxy that compresses makes our tags weak ones; the list is the same.
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    known_tags = [tag.removeprefix("W/") for tag in tags]
    return _remembered(known_tags, remembering.answer(question, listed, known_tags))


def _remembered(known: list[str], answer: remembering.Answer) -> HttpResponse:
    """The list, or 304 to a client that has it (E26)."""
    cached = f"public, max-age={remembering.SECONDS}"
    if "*" in known or answer.etag in known:
        response = _sent(b"", cached, status=304)
    else:
        response = _sent(answer.body, cached)
    response["ETag"] = answer.etag
    return response


def _sent(body: bytes, cached: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = cached
    patch_vary_headers(response, ["Cookie", "X-Session-Token"])
    return response


def _body(
    times: Iterable[FreeTime], zone: ZoneInfo, viewer: ZoneInfo | None, cover: Cover | None
) -> bytes:
    """``FreeTimeOut`` written at once: a month of ten therapists is thousands of them."""

    @cache
    def on_clock(moment: datetime, clock: ZoneInfo) -> str:
        text = moment.astimezone(clock).isoformat()
        return f"{text.removesuffix('+00:00')}Z" if text.endswith("+00:00") else text

    rows = [
        {
            "starts_at": on_clock(one.starts_at, zone),
            "ends_at": on_clock(one.ends_at, zone),
            "therapist": one.therapist_code,
            "therapist_name": one.therapist_name,
            "location": one.location_code,
            "zone": one.zone,
            "covered": cover.covers(one) if cover else None,
        }
        | ({"viewer_starts_at": on_clock(one.starts_at, viewer)} if viewer else {})
        for one in times
    ]
    return json.dumps(rows, separators=(",", ":")).encode()


def _explained(
    request: HttpRequest,
    variant: str,
    location: str,
    therapist: str | None,
    starts_at: datetime,
    runner: User | None,
) -> dict[str, Any]:
    place = location_called(location)
    found = availability.verdicts(
        variant=variant_called(variant),
        location=place,
        therapist=therapist_called(therapist),
        starts_at=starts_at,
        at=timezone.now(),
        runner=runner,
    )
    may_know = isinstance(request.user, User) and is_front_desk(request.user)
    return {
        "starts_at": starts_at.astimezone(place.zone),
        "zone": place.timezone,
        "is_free": any(one.is_free for one in found),
        "therapists": [
            {
                "therapist": one.therapist_code,
                "therapist_name": one.therapist_name,
                "is_free": one.is_free,
                "reasons": [
                    {"code": reason, "sentence": reason.sentence}
                    for reason in _told(one.reasons, may_know)
                ],
            }
            for one in found
        ],
    }


def _told(reasons: Iterable[Reason], may_know: bool) -> list[Reason]:
    """The reasons a person may know, each once."""
    neutral = [Reason.OUTSIDE_HOURS if one in PRIVATE and not may_know else one for one in reasons]
    return list(dict.fromkeys(neutral))
