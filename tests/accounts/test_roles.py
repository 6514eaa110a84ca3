"""Roles are groups that exist on every database, with what they may do."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from accounts.models import User
from accounts.roles import (
    FRONT_DESK,
    MAY,
    OWNERS,
    READ_HEALTH,
    RECONCILE,
    RUN_DAY,
    THERAPISTS,
    hand_out,
    is_bookkeeper,
    is_front_desk,
)


def _member(role: str) -> User:
    user = User.objects.create_user(f"{role.split()[0].lower()}@example.com")
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.mark.django_db
@pytest.mark.parametrize("role", MAY)
def test_each_role_may_do_what_is_written_and_no_more(role):
    user = _member(role)

    assert user.get_all_permissions() == set(MAY[role])
    assert is_front_desk(user) == (RUN_DAY in MAY[role])
    assert is_bookkeeper(user) == (RECONCILE in MAY[role])


@pytest.mark.django_db
def test_what_is_not_on_the_list_is_taken_from_the_group_and_from_no_other():
    desk, editors = Group.objects.get(name=FRONT_DESK), Group.objects.get(name="Editors")
    extra = Permission.objects.get(codename="reconcile")
    foreign = Permission.objects.get(codename="add_collection")
    for group in (desk, editors):
        group.permissions.add(extra, foreign)

    for app in ("payments", "wagtailcore"):
        hand_out(apps.get_app_config(app), using="default")

    assert _member(FRONT_DESK).get_all_permissions() == set(MAY[FRONT_DESK])
    assert {extra, foreign} <= set(editors.permissions.all())


def test_only_owners_decide_who_works_here():
    deciding = [role for role, may in MAY.items() if "accounts.change_user" in may]

    assert deciding == [OWNERS]


def test_health_answers_are_read_by_therapists_and_owners_alone():
    assert {role for role, may in MAY.items() if READ_HEALTH in may} == {THERAPISTS, OWNERS}
