"""People who write: ``python -m tests.journeys.editors`` employs them."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402

from accounts.models import User  # noqa: E402
from tests.journeys.people import EDITORS, PASSWORD  # noqa: E402
from tests.second_factor import give_factor  # noqa: E402


def main() -> None:
    for person in EDITORS:
        user = User.objects.create_user(person.email, PASSWORD, name=person.name, is_staff=True)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        give_factor(user)
        user.groups.add(Group.objects.get(name=person.group))


if __name__ == "__main__":
    main()
