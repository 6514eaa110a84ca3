"""What is said once: kept where nobody else reads it, and said once."""

import pytest
from django.contrib import messages
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.models import User
from portal.message_cookie import SessionOrCookie

pytestmark = pytest.mark.django_db


class _Kept:
    """A browser's cookies and session, over some requests."""

    def __init__(self, client, user):
        self.cookies, self.session, self.user = {"session": "x"}, client.session, user

    def ask(self, *said):
        request = RequestFactory().get("/")
        request.COOKIES, request.session, request.user = self.cookies, self.session, self.user
        storage, response = SessionOrCookie(request), HttpResponse()
        for words in said:
            storage.add(messages.INFO, words)
        heard = [] if said else [one.message for one in storage]
        storage.update(response)
        for name, morsel in response.cookies.items():
            self.cookies = {**self.cookies, name: morsel.value}
            if not morsel.value:
                del self.cookies[name]
        return heard


def test_who_is_signed_in_has_them_in_the_session_and_no_cookie(client):
    ana = _Kept(client, User.objects.create_user("ana@example.com", name="Ana"))

    ana.ask("Mara Voss pays for it now.", "And so.")
    assert set(ana.cookies) == {"session"}
    assert ana.ask() == ["Mara Voss pays for it now.", "And so."]
    assert ana.ask() == []


def test_a_visitor_has_them_in_a_cookie_until_they_are_said(client):
    visitor = _Kept(client, type("Nobody", (), {"is_authenticated": False})())

    visitor.ask("You are signed out.")
    assert set(visitor.cookies) == {"session", "messages"}
    assert visitor.ask() == ["You are signed out."]
    assert set(visitor.cookies) == {"session"}

    visitor.ask("long " * 2_000)
    assert visitor.ask() == ["long " * 2_000]


def test_what_was_said_before_signing_in_is_heard_after(client):
    person = _Kept(client, type("Nobody", (), {"is_authenticated": False})())
    person.ask("A code is on its way.")
    person.user = User.objects.create_user("ana@example.com", name="Ana")
    person.ask("Hello.")

    assert sorted(person.ask()) == ["A code is on its way.", "Hello."]
    assert person.ask() == []
