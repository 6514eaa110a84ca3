"""Messages said once: of whoever is signed in they wait in the session, of others in a cookie.

They may name a client, so no browser keeps them. Visitors have no session for their sake: a page
without one can be cached, and the sign-out's own message has none to wait in.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.base import BaseStorage, Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest, HttpResponseBase


class OurCookie(CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class SessionOrCookie(BaseStorage):
    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        # Their methods are Django's own affair, and so unknown to its types.
        self._cookie: Any = OurCookie(request)
        self._session: Any = SessionStorage(request)

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Message], bool]:
        waiting: list[Message] = [*(self._cookie._get()[0] or [])]
        if settings.SESSION_COOKIE_NAME in self.request.COOKIES:
            waiting += self._session._get()[0] or []
        return waiting, True

    def _store(
        self, messages: Iterable[Message], response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> list[Message]:
        left = [*messages]
        signed_in = bool(left) and self.request.user.is_authenticated
        in_cookie = [] if signed_in else left
        if in_cookie or OurCookie.cookie_name in self.request.COOKIES:
            too_long = self._cookie._store(in_cookie, response)
            left = left if signed_in else too_long
        if left or self._waits_in_session():
            self._session._store(left, response)
        return []

    def _waits_in_session(self) -> bool:
        known = settings.SESSION_COOKIE_NAME in self.request.COOKIES
        return known and SessionStorage.session_key in self.request.session
