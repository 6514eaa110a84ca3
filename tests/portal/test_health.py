"""What a load balancer learns, with and without a database and a worker."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from portal import health
from portal.models import PeriodicRun


def test_alive_asks_nobody(client):
    response = client.get("/healthz")  # no database mark: a query would fail this test
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_when_the_database_is_there_and_migrated(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "database": "ok",
        "migrations": "ok",
        "worker": "never seen",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "word"), [(1, "ok"), (10, "late")])
def test_a_late_worker_is_told_and_pages_still_count_as_ready(client, minutes, word):
    PeriodicRun.objects.create(
        name="send_mail", started_at=timezone.now() - timedelta(minutes=minutes)
    )
    response = client.get("/readyz")
    assert (response.status_code, response.json()["worker"]) == (200, word)


def test_not_ready_without_a_database(client, monkeypatch):
    def gone():
        raise OperationalError("could not connect")

    monkeypatch.setattr(health, "_migrations", gone)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "down"


@pytest.mark.django_db
def test_not_ready_before_the_migrations_ran(client, monkeypatch):
    monkeypatch.setattr(health, "_migrations", lambda: "pending")
    assert client.get("/readyz").status_code == 503
