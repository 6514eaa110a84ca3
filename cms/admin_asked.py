"""What people ask of the Wagtail admin that it answers with an exception: said in words instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.datastructures import MultiValueDictKeyError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.defaults import bad_request

from cms.admin_policy import ADMIN

PAGE_NUMBER: Final = "p"
WORDS: Final = "q"
WAGTAILS_PAGE: Final = "wagtailcore.page"
METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")
# What Django says of an id in an address that is none.
NO_NUMBER: Final = re.compile(r"Field '\w+' expected a number but got ")
KEPT: Final = gettext_noop(
    "This cannot be deleted: bookings or payments need it. Take it out of use instead."
)


class AskedOfTheAdmin:
    """Place it inside of the messages' middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(ADMIN):
            if request.method not in METHODS:
                # Its pages send none; a DELETE would go around what its forms ask first.
                return HttpResponseNotAllowed(METHODS)
            _put_right(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What was asked wrongly is told so; what is wrong with us is not touched."""
        if not request.path_info.startswith(ADMIN):
            return None
        if isinstance(error, ProtectedError):
            messages.error(request, _(KEPT))
            return redirect(request.path_info)
        no_number = isinstance(error, ValueError) and NO_NUMBER.match(str(error))
        if no_number or isinstance(error, MultiValueDictKeyError):
            return bad_request(request, error)
        return None


def _put_right(request: HttpRequest) -> None:
    number = request.GET.get(PAGE_NUMBER, "1")
    if not (number.isascii() and number.isdigit()):
        raise BadRequest("No such page of a list.")
    asked = request.GET.copy()
    if asked.get("page_type") == WAGTAILS_PAGE:
        # Its text editor asks for the page model that ours has taken the place of.
        asked["page_type"] = settings.WAGTAIL_PAGE_MODEL
    words = str(asked.get(WORDS, ""))
    if words.count('"') % 2:
        # A phrase without its end is more than Wagtail's search on SQLite bears.
        asked[WORDS] = words.replace('"', " ")
    request.GET = asked  # type: ignore[assignment]
