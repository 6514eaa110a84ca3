"""Roles are groups that exist on every database, with what they may do."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.roles import MAY, RECONCILE, RUN_DAY, is_bookkeeper, is_front_desk


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
