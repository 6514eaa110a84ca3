"""Her races, and how she runs and likes to be treated (R4). Each change has its way back."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import racing
from accounts.isolating import isolated
from accounts.models import User
from accounts.races import Race
from accounts.racing import RaceError, distance_words
from payments.days import practice_day
from portal.account.forms import HabitsForm, RaceForm, habits_typed, typed
from portal.account.who import signed_in_runner
from scheduling.web.posting import posted_from

PAGE = "portal_account:races"
UNDO = "undo_of_race"  # session key: what was just done, and the POST that takes it back


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def races(request: HttpRequest) -> HttpResponse:
    """The list with a form below it; a POST adds a race."""
    runner = signed_in_runner(request)
    if request.method != "POST":
        return _page(request, runner)
    form = RaceForm(request.POST)
    if form.is_valid():
        try:
            added = racing.add_race(runner, form.facts(), at=timezone.now())
        except RaceError as refusal:
            form.add_error(None, str(refusal))
        else:
            undo = reverse("portal_account:race_removal", args=[added.public_id])
            return _done(request, f"{isolated(added.name)} is on your list.", undo)
    return _page(request, runner, race_form=form, status=422)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def race(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One race to look over and change."""
    found = _own(request, public_id)
    form = RaceForm(request.POST if request.method == "POST" else None, initial=typed(found))
    if request.method != "POST":
        return _form_page(request, found, form)
    before = typed(found)
    if form.is_valid():
        try:
            racing.change_race(found, form.facts(), at=timezone.now())
        except RaceError as refusal:
            form.add_error(None, str(refusal))
        else:
            undo = reverse("portal_account:race", args=[public_id])
            return _done(request, f"{isolated(found.name)} is changed.", undo, before)
    return _form_page(request, found, form, status=422)


@posted_from("portal_account:race")
@never_cache
@login_required
def race_removal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _own(request, public_id)
    racing.remove_race(found, at=timezone.now())
    undo = reverse("portal_account:race_return", args=[public_id])
    return _done(request, f"{isolated(found.name)} is off your list.", undo)


@posted_from("portal_account:race")
@never_cache
@login_required
def race_return(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Back on the list, as it was."""
    found = _own(request, public_id, also_removed=True)
    try:
        racing.restore_race(found)
    except RaceError as refusal:
        return _done(request, str(refusal))
    return _done(request, f"{isolated(found.name)} is on your list again.")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def running(request: HttpRequest) -> HttpResponse:
    """How much she runs, with whom, how firmly. The form stands below the races."""
    runner = signed_in_runner(request)
    if request.method != "POST":
        return redirect(PAGE)
    form = HabitsForm(request.POST)
    if not form.is_valid():
        return _page(request, runner, habits_form=form, status=422)
    before = {name: value or "" for name, value in habits_typed(racing.habits_of(runner)).items()}
    racing.save_habits(runner, form.habits(), at=timezone.now())
    return _done(request, "Saved. Your therapist sees it.", request.path, before)


def _page(
    request: HttpRequest,
    runner: User,
    *,
    race_form: RaceForm | None = None,
    habits_form: HabitsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = practice_day(timezone.now())
    context = {
        "coming": _shown(racing.coming_races(runner, on=today)),
        "past": _shown(racing.past_races(runner, on=today)),
        "race_form": race_form or RaceForm(),
        "habits_form": habits_form or HabitsForm(initial=habits_typed(racing.habits_of(runner))),
        "undo": request.session.pop(UNDO, None) if status == 200 else None,
    }
    return render(request, "portal/account/races.html", context, status=status)


def _form_page(
    request: HttpRequest, found: Race, form: RaceForm, *, status: int = 200
) -> HttpResponse:
    context = {"race": found, "form": form}
    return render(request, "portal/account/race.html", context, status=status)


def _shown(races: Any) -> list[dict[str, Any]]:
    return [{"race": each, "distance": distance_words(each.distance_m)} for each in races]


def _done(
    request: HttpRequest, words: str, undo_url: str = "", hidden: dict[str, Any] | None = None
) -> HttpResponse:
    """Back to the list, which says once what was done; the way back is in the session."""
    request.session[UNDO] = {"message": words, "undo_url": undo_url, "hidden": hidden or {}}
    return redirect(PAGE)


def _own(request: HttpRequest, public_id: UUID, *, also_removed: bool = False) -> Race:
    """Hers, else there is none."""
    found = racing.own_race(signed_in_runner(request), public_id, also_removed=also_removed)
    if found is None:
        raise Http404("There is no such race on your list.")
    return found
