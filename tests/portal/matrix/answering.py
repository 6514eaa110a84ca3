"""One question, its answer, and whether that lets somebody in."""

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import copy, deepcopy
from dataclasses import dataclass, field
from functools import cache
from http.cookies import SimpleCookie
from typing import Any
from unittest import mock

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.test import Client

from cms.redirecting import OneHopRedirects
from tests.portal.matrix.asking import Asked
from tests.portal.matrix.world import Asker, World

OUT = (401, 403, 404, 405, 410)
ADMIN_HOME = "/admin/"  # where Wagtail sends whoever may not
SIGN_IN = ("/accounts/login", "/admin/login", "/accounts/reauthenticate", "/accounts/2fa")


@dataclass(frozen=True)
class Answer:
    status: int
    wrote: int  # rows
    to: str = field(compare=False)  # names what was asked for
    unread: str = ""  # with what the API found fault before it looked who sent it

    @property
    def lets_in(self) -> bool:
        is_sent_away = self.to.startswith(SIGN_IN) or self.to == ADMIN_HOME
        return self.status not in OUT and not is_sent_away

    @property
    def is_broken(self) -> bool:
        # 503: whoever takes payments does not answer here, which is no fault of ours.
        return self.status >= 500 and self.status != 503


@contextmanager
def only_asking() -> Iterator[None]:
    """Leave out what takes the time and decides nothing about who gets in.

    That is drawing a page, for which everything is decided; looking for redirects, of which
    there are none to where a question goes; and reading anew who somebody is and may be, which
    is the same for each question because whatever one does is undone.
    """
    logging.disable(logging.CRITICAL)
    patches = (
        mock.patch("django.template.backends.django.Template.render", return_value=""),
        mock.patch.object(OneHopRedirects, "process_response", lambda self, asked, answer: answer),
        mock.patch.object(ModelBackend, "get_user", _remembering(ModelBackend.get_user)),
        mock.patch.object(SessionStore, "load", _remembering_sessions(SessionStore.load)),
    )
    try:
        with ExitStack() as stack:
            for one in patches:
                stack.enter_context(one)
            yield
    finally:
        logging.disable(logging.NOTSET)


def _remembering(read: Any) -> Any:
    """People with their permissions, as the database has them; each asks with a copy."""

    @cache
    def known(pk: Any) -> Any:
        backend = ModelBackend()
        if person := read(backend, pk):
            backend.get_all_permissions(person)
        return person

    def get_user(self: ModelBackend, pk: Any) -> Any:
        person = copy(known(pk))
        if person is not None:
            person._state = copy(person._state)
            person._state.fields_cache = {}
        return person

    return get_user


def _remembering_sessions(read: Any) -> Any:
    """Each as it was when it was first asked for."""
    known: dict[str, dict[str, Any]] = {}

    def load(self: SessionStore) -> dict[str, Any]:
        key = self.session_key
        if key not in known:
            if not (found := read(self)):
                return {}
            known[key] = found
        return deepcopy(known[key])

    return load


def ask(world: World, role: str, asked: Asked, things: dict[str, Any]) -> Answer:
    """As if it were the first thing this person asked: whatever is done is undone again."""
    asker, wrote = world.askers[role], [0]

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            wrote[0] += max(context["cursor"].rowcount, 0)
        return result

    address, (kind, sent) = asked.address(things), asked.body(things)
    undone = transaction.atomic()
    undone._from_testcase = True  # as Django's own tests: an act may insist on being outermost
    with undone, connection.execute_wrapper(count):
        response = _send(asker, asked, address, kind, sent)
        transaction.set_rollback(True)
    to = response.headers.get("Location", "")
    return Answer(response.status_code, wrote[0], to, _unread(response))


def _send(asker: Asker, asked: Asked, address: str, kind: str, sent: bytes) -> Any:
    """From our own pages, or as an app or a program sends it."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    if asked.by_token and asker.token:
        headers = {"Authorization": f"Bearer {asker.token}"}
    elif asked.route.startswith("_allauth/app/"):
        headers = {"X-Session-Token": asker.session} if asker.session else {}
    by_browser = "Sec-Fetch-Site" in headers
    client = asker.client if by_browser else Client(raise_request_exception=False)
    try:
        return client.generic(asked.method, address, sent, content_type=kind, headers=headers)
    finally:
        if by_browser:
            client.cookies = SimpleCookie(asker.cookies)


def _unread(response: Any) -> str:
    if response.status_code != 422 or "json" not in response.headers["Content-Type"]:
        return ""
    errors = json.loads(response.content).get("errors") or []
    return response.content.decode() if any("loc" in one for one in errors) else ""
