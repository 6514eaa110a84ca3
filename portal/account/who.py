"""The runner whose own pages are asked for."""

from django.http import HttpRequest

from accounts.models import User


def signed_in_runner(request: HttpRequest) -> User:
    """Whoever signed in; behind `login_required` there is somebody."""
    if not isinstance(request.user, User):
        raise TypeError("This page needs a signed-in runner.")
    return request.user
