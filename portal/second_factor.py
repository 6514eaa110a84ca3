"""No staff page and no staff operation without a second factor in the session that asks."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRefresh

from accounts.models import User
from accounts.second_factor import is_member_of_staff
from accounts.session_limits import count_as_staff
from portal.api.problems import problem

GUARDED: Final = ("/staff/", "/admin/")
NEEDED: Final = "second_factor_needed"  # the stable code of the problem document
SENTENCE: Final = "Show your second factor in this session first."


class StaffShowSecondFactor:
    """Leads staff to set up or show a second factor, and brings them back to where they were.

    The areas of staff are shut as a whole. Everywhere else a permission that was refused for
    want of the factor (`accounts.holding_back`) makes the difference, so no address is forgotten.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(GUARDED) and _must_show(request):
            return _ask(request)
        response = self.get_response(request)
        return _ask(request) if _was_refused(request, response) else response


def _must_show(request: HttpRequest) -> bool:
    user = request.user
    if not isinstance(user, User):
        return False
    if not user.is_held_back:
        count_as_staff(request.session)
        return False
    return is_member_of_staff(user)


def _was_refused(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Some operations say to whoever may not use them that there is nothing here."""
    refusals = (403, 404) if request.path.startswith("/api/") else (403,)
    return response.status_code in refusals and getattr(request.user, "was_held_back", False)


def _ask(request: HttpRequest) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        return problem(403, NEEDED, SENTENCE)
    if request.headers.get("HX-Request") == "true":
        # A part of a page was asked for: the whole page must go.
        refresh: HttpResponse = HttpResponseClientRefresh()
        return refresh
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return HttpResponse(SENTENCE, status=403, content_type="text/plain")
    # What was posted cannot be posted again: back to where it was typed, then.
    came_from = request.get_full_path() if request.method in ("GET", "HEAD") else "/staff/"
    return HttpResponseRedirect(f"{reverse('second_factor')}?{urlencode({'next': came_from})}")
