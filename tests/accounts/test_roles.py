"""Roles are groups that exist on every database, with what they may do."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts.models import User
from accounts.roles import MAY, RECONCILE, RUN_DAY, is_bookkeeper, is_front_desk, staff_required


@staff_required(RUN_DAY)
def day(request):
    return HttpResponse("the day")


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


def test_signed_out_goes_to_sign_in_and_comes_back(rf):
    request = rf.get("/staff/day/?day=2026-12-01")
    request.user = AnonymousUser()

    response = day(request)

    assert response.status_code == 302
    assert response.url == "/accounts/login/?next=/staff/day/%3Fday%3D2026-12-01"


@pytest.mark.django_db
def test_the_front_desk_gets_in_and_the_bookkeeper_does_not(rf):
    request = rf.get("/staff/day/")
    request.user = _member("Front desk")
    assert day(request).content == b"the day"

    request.user = _member("Bookkeepers")
    with pytest.raises(PermissionDenied):
        day(request)
