"""Wagtail asks who may move a page when the move is sent. The page that asks to confirm it names
the page, a draft too, so it opens for nobody else either."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from wagtail import hooks


@hooks.register("before_move_page")
def only_for_who_may_move_it(request: HttpRequest, page: Any, destination: Any) -> None:
    if not page.permissions_for_user(request.user).can_move_to(destination):
        raise PermissionDenied
