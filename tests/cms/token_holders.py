"""People who write from outside, with tokens of theirs."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from cms.api_scopes import Scope
from cms.api_tokens import issue_token

EVERYTHING = tuple(Scope)
WRITING = (Scope.READ_DRAFTS, Scope.WRITE)


def editor(email="edda@example.com", group="Moderators"):
    """Somebody of Wagtail's own groups: Editors write, Moderators publish too."""
    person, _ = User.objects.get_or_create(email=email)
    person.groups.add(Group.objects.get(name=group))
    return person


def issued(person, *scopes):
    """A new token of this person, and the secret that a program sends."""
    return issue_token(
        user=person,
        name="a program",
        scopes=list(scopes),
        lasting=timedelta(days=30),
        by=person,
        at=timezone.now(),
    )


def secret_of(person, *scopes):
    return issued(person, *scopes)[1]


class Program:
    """A program with a token: what it sends carries it."""

    def __init__(self, client, person, *scopes):
        self.client = client
        self.token, self.secret = issued(person, *scopes)

    def __call__(self, method, path, body=None, **headers):
        return self.client.generic(
            method,
            f"/api/v1{path}",
            body if isinstance(body, str | bytes) else _json(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}", **headers},
        )

    def get(self, path, **headers):
        return self("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self("POST", path, body, **headers)

    def patch(self, path, body, **headers):
        return self("PATCH", path, body, **headers)


def _json(body):
    import json

    return "" if body is None else json.dumps(body)
