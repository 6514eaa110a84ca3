"""The day board and the week in numbers."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import RUN_DAY, WORK_OWN_DAY
from portal.staff import arrivals as lists
from portal.staff import board as drawing
from portal.staff.access import may, show, staff_page
from portal.staff.asking import Asked, address, day_url, place_asked, rounded, walk_in_url
from portal.staff.periods import day_asked
from portal.staff.undoing import offer
from portal.staff.weeks import week_table
from scheduling.day_board import Column, DayBoard, day_board
from scheduling.seeing import own_therapist
from scheduling.week import monday_of, week_board

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(days=7)


@require_safe
@staff_page(RUN_DAY, WORK_OWN_DAY)
def board(request: HttpRequest) -> HttpResponse:
    """A location's day, or one therapist's. htmx asks for the live part alone, every half minute.

    The board has a column for each therapist, with `by=room` for each room.
    """
    place = place_asked(request.GET)
    if place is None:
        return show(request, "day_without_place.html", {})
    now = timezone.now()
    today = now.astimezone(place.zone).date()
    day = day_asked(request.GET.get("day", ""), otherwise=today)
    whole = _seen(request, day_board(location=place.location, day=day, at=now))
    chosen = request.GET.get("therapist", "")
    shown = _of_one(whole, chosen)
    by_room = request.GET.get("by") == "room"
    context = {"day": day, "today": today, "is_today": day == today, "location": place.location}
    context |= _links(place, day, today, _known(whole, chosen), by_room=by_room)
    context |= _tabs(whole, day, _known(whole, chosen), by_room=by_room)
    context |= _lists(shown)
    board = drawing.drawn(shown, by_room=by_room)
    context["board"] = board if may(request, RUN_DAY) else drawing.without_desk(board)
    context["walk_in_url"] = walk_in_url(place.location.code, _start(day, today, shown))
    if request.headers.get("HX-Request") == "true":
        return show(request, "_day_live.html", context)
    return show(request, "day.html", context | {"offer": offer(request, at=now)})


@require_safe
@staff_page(RUN_DAY)
def week(request: HttpRequest) -> HttpResponse:
    """Each therapist's week in numbers; every day is a link to its board."""
    place = place_asked(request.GET)
    if place is None:
        return show(request, "day_without_place.html", {})
    today = timezone.now().astimezone(place.zone).date()
    day = day_asked(request.GET.get("day", ""), otherwise=today)
    monday = monday_of(day)
    found = week_board(location=place.location, day=day)

    def url(of: date, location: str = place.location.code) -> str:
        return address("week", day=of.isoformat(), location=location)

    context = {
        "location": place.location,
        "monday": monday,
        "sunday": monday + 6 * ONE_DAY,
        "is_this_week": monday == monday_of(today),
        "table": week_table(found, today=today),
        "locations": _locations(place, lambda code: url(monday, code)),
        "earlier_url": url(monday - ONE_WEEK),
        "later_url": url(monday + ONE_WEEK),
        "now_url": url(today),
    }
    return show(request, "week.html", context)


def _seen(request: HttpRequest, whole: DayBoard) -> DayBoard:
    """The whole day for whoever runs it; for a therapist what is her own of it."""
    if may(request, RUN_DAY):
        return whole
    own = own_therapist(request.user)
    columns = [one for one in whole.columns if own is not None and one.therapist_id == own.pk]
    return replace(whole, columns=tuple(_without_moves(one) for one in columns))


def _without_moves(column: Column) -> Column:
    return replace(column, bookings=tuple(replace(x, may_move=False) for x in column.bookings))


def _known(whole: DayBoard, code: str) -> str:
    """The therapist's code if they are in that day, so that no odd address empties the page."""
    return code if any(one.therapist_code == code for one in whole.columns) else ""


def _of_one(whole: DayBoard, code: str) -> DayBoard:
    """The day of one therapist; of everyone where nobody of that code is in."""
    if not _known(whole, code):
        return whole
    return replace(whole, columns=tuple(x for x in whole.columns if x.therapist_code == code))


def _links(
    place: Asked, day: date, today: date, therapist: str, *, by_room: bool
) -> dict[str, Any]:
    code = place.location.code
    view = {"by": "room" if by_room else "", "therapist": therapist}
    return {
        "locations": _locations(place, lambda other: day_url(other, day)),
        "earlier_url": day_url(code, day - ONE_DAY, **view),
        "later_url": day_url(code, day + ONE_DAY, **view),
        "today_url": day_url(code, today, **view),
        "live_url": day_url(code, day, **view),
        "week_url": address("week", day=day.isoformat(), location=code),
        "block_url": address("blocks", location=code, day=day.isoformat(), therapist=therapist),
        "why_url": address("why", location=code, day=day.isoformat(), therapist=therapist),
    }


def _locations(place: Asked, url: Any) -> list[dict[str, Any]]:
    return [
        {"location": one, "url": url(one.code), "is_shown": one == place.location}
        for one in place.locations
    ]


def _tabs(whole: DayBoard, day: date, chosen: str, *, by_room: bool) -> dict[str, Any]:
    """Everyone, one therapist at a time, or the rooms."""
    code = whole.location.code
    tabs = [
        {
            "label": "Everyone",
            "url": day_url(code, day),
            "is_shown": not (chosen or by_room),
        }
    ]
    for column in whole.columns:
        tabs.append(
            {
                "label": column.therapist_name,
                "url": day_url(code, day, therapist=column.therapist_code),
                "is_shown": column.therapist_code == chosen and not by_room,
            }
        )
    tabs.append({"label": "Rooms", "url": day_url(code, day, by="room"), "is_shown": by_room})
    return {"tabs": tabs if whole.columns else []}


def _lists(shown: DayBoard) -> dict[str, Any]:
    waiting = lists.arrivals(shown)
    to_come = [one for one in waiting if not one.is_here]
    return {
        "shown": shown,
        "counts": lists.counted(shown),
        "next": to_come[: lists.AT_FIRST],
        "after": to_come[lists.AT_FIRST :],
        "here": [one for one in waiting if one.is_here],
    }


def _start(day: date, today: date, shown: DayBoard) -> Any:
    """When a walk-in of that day would be: now, on another day at its first hour."""
    return rounded(shown.now) if day == today else shown.starts_at
