"""Clients of allauth's headless API: an app with a token, a front end with our cookies."""

import json

from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User

PASSWORD = "a long enough pass phrase"
EMAIL = "ana@example.com"


def make_ana() -> User:
    ana = User.objects.create_user(EMAIL, PASSWORD, name="Ana Reyes")
    EmailAddress.objects.create(user=ana, email=EMAIL, verified=True, primary=True)
    return ana


def pending(answer):
    """The steps that are begun and wait."""
    return [flow["id"] for flow in answer["data"]["flows"] if flow.get("is_pending")]


class App:
    """No cookies, a session token in a header."""

    root = "/_allauth/app/v1/"

    def __init__(self):
        self.client, self.token = Client(), ""

    def call(self, method, path, body=None, **headers):
        headers |= {"X-Session-Token": self.token} if self.token else {}
        self.client.cookies.clear()
        words = "" if body is None else json.dumps(body)
        response = self.client.generic(
            method, self.root + path, words, "application/json", headers=headers
        )
        answer = response.json() if response.content else {}
        self.token = answer.get("meta", {}).get("session_token", self.token)
        return response.status_code, answer

    def sign_in(self, password=PASSWORD):
        return self.call("POST", "auth/login", {"email": EMAIL, "password": password})


class Browser(App):
    """A front end of another make: our cookies, and the CSRF token with each change."""

    root = "/_allauth/browser/v1/"

    def __init__(self):
        self.client = Client(enforce_csrf_checks=True)
        self.client.get(self.root + "config")

    def call(self, method, path, body=None, **headers):
        words = "" if body is None else json.dumps(body)
        headers |= {"X-CSRFToken": self.client.cookies["csrf"].value}
        response = self.client.generic(
            method, self.root + path, words, "application/json", headers=headers
        )
        return response.status_code, response.json() if response.content else {}
