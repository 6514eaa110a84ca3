"""Sessions are looked through before the database is held, and none slips by meanwhile."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import auditing
from accounts.audit_trail import AuditEntry
from accounts.ending_sessions import end_sessions_of
from accounts.losing_factors import forget_factors_of
from accounts.models import User
from tests.second_factor import give_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return User.objects.create_user("ana@example.com", name="Ana")


def _signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def _end(person):
    assert end_sessions_of(person, by=None, at=timezone.now()) >= 1


def _forget(person):
    assert forget_factors_of(person, by=None, at=timezone.now()) == ["totp"]


@pytest.mark.parametrize("act", [_end, _forget])
def test_no_session_is_read_while_nobody_else_can_write(ana, monkeypatch, act):
    """Under SQLite a transaction shuts everybody else out from writing."""
    give_factor(ana)
    phone, outside, depths = _signed_in(ana), len(connection.savepoint_ids), []
    decode, record = Session.get_decoded, auditing.record
    late = []

    def decoding(session):
        depths.append(len(connection.savepoint_ids))
        return decode(session)

    def recording(action, **facts):
        """Just now somebody signs in as her."""
        if action == "sessions.ended" and not late:
            late.append(_signed_in(ana))
        return record(action, **facts)

    monkeypatch.setattr(Session, "get_decoded", decoding)
    monkeypatch.setattr(auditing, "record", recording)
    act(ana)

    assert set(depths) == {outside}
    assert len(depths) == 2, "each is read once: the earlier one, and the one begun meanwhile"
    for client in (phone, *late):
        assert client.get("/account/").status_code == 302
    ended = AuditEntry.objects.filter(action="sessions.ended").order_by("pk")
    assert [entry.after for entry in ended] == [{"ended": 1}, {"ended": 1}]
    assert Authenticator.objects.filter(user=ana).exists() == (act is _end)


def test_what_is_over_anyway_is_not_read_nor_counted(ana, monkeypatch):
    for _ in range(2):
        _signed_in(ana)
    gone = Session.objects.order_by("pk").first()
    gone.expire_date = timezone.now() - timedelta(hours=1)
    gone.save()
    read = []
    monkeypatch.setattr(
        Session, "get_decoded", lambda one: read.append(one.pk) or {"_auth_user_id": str(ana.pk)}
    )

    assert end_sessions_of(ana, by=None, at=timezone.now()) == 1
    assert gone.pk not in read
