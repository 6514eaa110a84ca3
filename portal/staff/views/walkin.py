"""A walk-in in four taps and one field: a gap, a search, her name, Book."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.flagging import alert_of
from accounts.models import User
from accounts.roles import RUN_DAY
from payments.crediting import CreditError
from payments.days import practice_day
from payments.models import ServiceVariant
from payments.wallets import wallet
from portal.staff import walkin as reading
from portal.staff.access import show, signed_in, staff_page
from portal.staff.asking import (
    Asked,
    address,
    day_url,
    moment_asked,
    place_asked,
    stamp,
    therapist_asked,
    variant_asked,
    why_url,
)
from portal.staff.forms import NewRunnerForm, TimeForm
from portal.staff.judging import Judgement, judge, overriding_asked
from portal.staff.runners import SHOWN, find_runners, mobile_of
from scheduling.desk import book_for
from scheduling.errors import BookingError, ReasonMissing


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY)
def walk_in(request: HttpRequest) -> HttpResponse:
    """Who is it? With `runner`: what, when and with whom. The POST books."""
    query = request.POST if request.method == "POST" else request.GET
    place = place_asked(query)
    if place is None:
        return show(request, "day_without_place.html", {})
    runner = _runner(query)
    if request.method == "POST":
        return _book(request, place, runner) if runner else _add(request, place)
    if runner is None:
        return _search(request, place, NewRunnerForm(initial=_guess(query.get("q", ""))))
    return _ask(request, place, runner)


def _runner(query: QueryDict) -> User | None:
    try:
        wanted = UUID(query.get("runner", ""))
    except ValueError:
        return None
    people = User.objects.filter(is_active=True).select_related("runner_profile")
    found: User | None = people.filter(public_id=wanted).first()
    return found


def _known(query: QueryDict, place: Asked) -> dict[str, str]:
    """What is decided already, carried from step to step."""
    names = ("at", "therapist", "session")
    found = {name: query.get(name, "") for name in names if query.get(name)}
    return {"location": place.location.code, **found}


def _guess(text: str) -> dict[str, str]:
    """What was searched for in vain is typed into the right field of a new runner."""
    text = text.strip()
    return {"email" if "@" in text else "name": text}


# --- who ---------------------------------------------------------------------------------------


def _search(
    request: HttpRequest, place: Asked, form: NewRunnerForm, status: int = 200
) -> HttpResponse:
    query = request.POST if request.method == "POST" else request.GET
    text = query.get("q", "").strip()[:120]
    people = find_runners(text, among=User.objects.all()) if text else []
    known = _known(query, place)
    asked = moment_asked(query.get("at", ""), place.zone)
    context = {
        "query": text,
        "people": [
            {
                "name": str(one),
                "detail": ", ".join(word for word in (one.email, mobile_of(one)) if word),
                "url": address("walk_in", **known, runner=one.public_id),
            }
            for one in people
        ],
        "is_cut": len(people) == SHOWN,
        "shown": SHOWN,
        "form": form,
        "adds": bool(form.errors) or bool(text and not people),
        "known": known,
        **_where(place, asked, query),
    }
    return show(request, "walk_in_who.html", context, status=status)


def _where(place: Asked, asked: datetime | None, query: QueryDict) -> dict[str, Any]:
    """The place and time it began with, and other things to do with them."""
    code = place.location.code
    therapist = query.get("therapist", "")
    day = (asked or timezone.now()).astimezone(place.zone).date()
    at = stamp(asked) if asked else ""
    return {
        "location": place.location,
        "asked": asked,
        "zone": place.location.timezone,
        "day_url": day_url(code, day),
        "block_url": address("blocks", location=code, at=at, therapist=therapist),
        "why_url": why_url(code, asked, therapist) if asked else "",
    }


def _add(request: HttpRequest, place: Asked) -> HttpResponse:
    """Somebody new: added, and on to the session."""
    form = NewRunnerForm(request.POST)
    if not form.is_valid():
        return _search(request, place, form, status=422)
    runner = reading.new_runner(**form.cleaned_data, at=timezone.now())
    if runner is None:
        form.add_error("email", "This address cannot be used. Ask a manager why.")
        return _search(request, place, form, status=422)
    known = _known(request.POST, place)
    return redirect(address("walk_in", **known, runner=runner.public_id))


# --- what, when, with whom ---------------------------------------------------------------------


def _ask(request: HttpRequest, place: Asked, runner: User) -> HttpResponse:
    now = timezone.now()
    has = wallet(runner, on=practice_day(now))
    variant = variant_asked(request.GET) or reading.usual_session(runner, has)
    if variant is None:
        return show(request, "walk_in.html", {"nothing_on_offer": True, "runner": runner})
    chosen = therapist_asked(request.GET)
    proposal = reading.propose(
        variant=variant,
        location=place.location,
        therapist=chosen,
        asked=_moment(request.GET, place),
        at=now,
    )
    local = proposal.starts_at.astimezone(place.zone)
    initial = {
        "session": variant.code,
        "day": local.date(),
        "clock": local.time(),
        "therapist": proposal.therapist_code,
    }
    form = TimeForm(zone=place.location.timezone, initial=initial)
    judged = judge(
        variant=variant,
        location=place.location,
        therapist=proposal.therapist,
        starts_at=proposal.starts_at,
        at=now,
        runner=runner,
    )
    others = _others(place, runner, variant, proposal)
    return _time_page(
        request, place, runner, form, session=variant.code, others=others, judged=judged
    )


def _moment(query: QueryDict, place: Asked) -> datetime | None:
    """A link's moment, or what the form was showing when "Show free times" was pressed."""
    if query.get("clock"):
        return moment_asked(f"{query.get('day', '')}T{query['clock']}", place.zone)
    return moment_asked(query.get("at", ""), place.zone)


def _time_page(
    request: HttpRequest,
    place: Asked,
    runner: User,
    form: TimeForm,
    *,
    session: str,
    judged: Judgement | None = None,
    others: list[dict[str, Any]] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    has = wallet(runner, on=practice_day(timezone.now()))
    context = {
        "runner": runner,
        "alert": alert_of(runner),
        "form": form,
        "sessions": reading.sessions(has, session),
        "judged": judged,
        "others": others or [],
        "tell": True,
        "reason": "",
        "problem": "",
        "new_url": address("walk_in", location=place.location.code),
        **_where(place, None, request.GET),
    }
    return show(request, "walk_in.html", context | more, status=status)


def _book(request: HttpRequest, place: Asked, runner: User) -> HttpResponse:
    form = TimeForm(request.POST, zone=place.location.timezone)
    typed: dict[str, Any] = {
        "session": request.POST.get("session", ""),
        "reason": request.POST.get("reason", "").strip()[:200],
        "tell": request.POST.get("tell", "yes") != "no",
    }
    if not form.is_valid():
        return _time_page(request, place, runner, form, status=422, **typed)
    overriding = overriding_asked(request.POST.get("override", ""))
    wish = {
        "variant": form.cleaned_data["session"],
        "location": place.location,
        "therapist": form.cleaned_data["therapist"],
        "starts_at": form.starts_at,
    }
    try:
        if overriding and not typed["reason"]:
            raise ReasonMissing
        booked = book_for(
            runner=runner,
            **wish,
            by=signed_in(request),
            at=timezone.now(),
            overriding=overriding,
            reason=typed["reason"],
            tell=typed["tell"],
        )
    except (BookingError, CreditError) as refusal:
        typed["status"] = 422 if isinstance(refusal, ReasonMissing) else 409
        return _refused(request, place, runner, form, wish, str(refusal), typed)
    day = booked.starts_local.date()
    return redirect(day_url(place.location.code, day, booked=booked.public_id))


def _refused(
    request: HttpRequest,
    place: Asked,
    runner: User,
    form: TimeForm,
    wish: dict[str, Any],
    problem: str,
    typed: dict[str, Any],
) -> HttpResponse:
    """Which rule it was, free times close by, and everything typed still there."""
    now = timezone.now()
    proposal = reading.propose(
        variant=wish["variant"],
        location=place.location,
        therapist=wish["therapist"],
        asked=wish["starts_at"],
        at=now,
    )
    return _time_page(
        request,
        place,
        runner,
        form,
        judged=judge(**wish, at=now, runner=runner),
        others=_others(place, runner, wish["variant"], proposal),
        problem=problem,
        **typed,
    )


def _others(
    place: Asked, runner: User, variant: ServiceVariant, proposal: reading.Proposal
) -> list[dict[str, Any]]:
    """Other free starts, each a link that keeps everything else."""
    known = {"location": place.location.code, "runner": runner.public_id, "session": variant.code}
    return [
        {
            "starts_at": one.starts_at,
            "therapist_name": one.therapist_name,
            "url": address(
                "walk_in", **known, at=stamp(one.starts_at), therapist=one.therapist_code
            ),
        }
        for one in proposal.others
    ]
