"""Addresses that only take a POST, and what somebody finds who comes back to one."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

View = Callable[..., HttpResponseBase]


def posted_from(page: str) -> Callable[[View], View]:
    """Run the view for a POST; anything else is led to the page its form stands on.

    An answer to a POST has the form's address, so a bookmark or the address bar brings people
    here with a GET, which must not write.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def decorated(request: HttpRequest, **found: Any) -> HttpResponseBase:
            return view(request, **found) if request.method == "POST" else redirect(page, **found)

        return decorated

    return decorate
