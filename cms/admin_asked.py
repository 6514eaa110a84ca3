"""What people ask of the Wagtail admin that it answers with an exception: said in words instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cms.admin_policy import ADMIN

PAGE_NUMBER: Final = "p"
WAGTAILS_PAGE: Final = "wagtailcore.page"


class AskedOfTheAdmin:
    """Place it inside of the messages' middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = request.GET.get(PAGE_NUMBER, "1")
        if request.path_info.startswith(ADMIN) and not (number.isascii() and number.isdigit()):
            raise BadRequest("No such page of a list.")
        if request.GET.get("page_type") == WAGTAILS_PAGE:
            # Its text editor asks for the page model that ours has taken the place of.
            asked = request.GET.copy()
            asked["page_type"] = settings.WAGTAIL_PAGE_MODEL
            request.GET = asked  # type: ignore[assignment]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Rows that the books or the diary hold on to stay, and the editor reads why."""
        if not (isinstance(error, ProtectedError) and request.path_info.startswith(ADMIN)):
            return None
        messages.error(
            request,
            _("This cannot be deleted: bookings or payments need it. Take it out of use instead."),
        )
        return redirect(request.path_info)
