"""Whoever changes what somebody may do is in the audit trail, and from where, as a mark."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.test import RequestFactory

from accounts import auditing
from accounts.models import AuditEntry, User
from accounts.origins import TellsWhoAndWhere, mark_of
from accounts.permission_changes import hand_out

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


def entries_of(act):
    before = AuditEntry.objects.count()
    act()
    return list(AuditEntry.objects.order_by("pk")[before:])


def test_each_way_to_more_or_less_leaves_its_entry(mara):
    boss = User.objects.create_user("boss@example.com", name="Boss")
    role = Group.objects.get(name="Front desk")
    may = Permission.objects.get(codename="add_package")
    passkey = Authenticator(user=mara, type="webauthn")

    def made_staff():
        mara.is_staff = True
        mara.save()

    def left():
        mara.is_active = False
        mara.save(update_fields=["is_active"])

    told = {"request": None, "user": mara, "authenticator": passkey}
    key = str(mara.public_id)
    table = [
        (made_staff, "permissions.changed", key, {"is_staff": True}),
        (lambda: mara.groups.add(role), "permissions.changed", key, {"groups": ["Front desk"]}),
        (lambda: role.user_set.remove(mara), "permissions.changed", key, {}),
        (lambda: mara.groups.set([role]), "permissions.changed", key, {"groups": ["Front desk"]}),
        (lambda: mara.groups.clear(), "permissions.changed", key, {}),
        (
            lambda: mara.user_permissions.add(may),
            "permissions.changed",
            key,
            {"user_permissions": ["add_package"]},
        ),
        (
            lambda: role.permissions.add(may),
            "permissions.changed",
            "Front desk",
            {"permissions": ["add_package"]},
        ),
        (lambda: Group.objects.create(name="Helpers"), "permissions.added", "Helpers", None),
        (left, "permissions.changed", key, {"is_active": False}),
        (
            lambda: authenticator_added.send(sender=User, **told),
            "second_factor.added",
            key,
            {"kind": "webauthn"},
        ),
        (
            lambda: authenticator_removed.send(sender=User, **told),
            "second_factor.removed",
            key,
            {"kind": "webauthn"},
        ),
    ]
    with auditing.acting(boss):
        for act, action, whose, after in table:
            [entry] = entries_of(act)
            assert (entry.action, entry.key, entry.by) == (action, whose, boss.public_id)
            assert after is None or entry.after == after
    removed = AuditEntry.objects.filter(before={"groups": ["Front desk"]})
    assert removed.count() == 2


def test_joining_signing_in_and_a_new_release_change_nobodys_rights(mara):
    def nothing():
        User.objects.create_user("new@example.com", name="New")
        mara.last_login = datetime(2026, 5, 4, tzinfo=UTC)
        mara.save(update_fields=["last_login"])
        mara.name = "Mara V"
        mara.save()

    assert entries_of(nothing) == []
    Permission.objects.get(codename="add_package").group_set.through.objects.all().delete()
    payments = apps.get_app_config("payments")
    assert entries_of(lambda: hand_out(sender=payments, using="default")) == []
    [added] = entries_of(lambda: User.objects.create_superuser("root@example.com"))
    assert added.after == {"is_staff": True, "is_superuser": True}


def test_the_trail_knows_who_asked_and_a_mark_of_where(mara):
    seen = []

    def view(request):
        by = auditing.asker.get()()
        seen.append(auditing.record("a.b", by=by, at=NOW, about="user", key="k"))

    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
    request.user = mara
    TellsWhoAndWhere(view)(request)

    [entry] = seen
    assert entry.by == mara.public_id
    assert len(entry.origin) == 64
    assert auditing.origin.get() == ""
    assert auditing.asker.get()() is None


def test_the_mark_is_the_same_within_a_month_and_another_after():
    june = NOW.replace(month=6)
    assert mark_of("203.0.113.7", at=NOW) == mark_of("203.0.113.7", at=NOW.replace(day=31))
    assert mark_of("203.0.113.7", at=NOW) != mark_of("203.0.113.7", at=june)
    assert mark_of("203.0.113.7", at=NOW) != mark_of("203.0.113.8", at=NOW)
    assert mark_of("", at=NOW) == ""
