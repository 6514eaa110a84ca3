"""What changes what somebody may do: noted whoever does it, in the admin, by a script or an act."""

from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts import auditing, roles
from accounts.edits import Edits, note_edits, note_links
from accounts.models import User

OF_PEOPLE = Edits(
    "permissions",
    key="public_id",
    only=("is_staff", "is_superuser", "is_active"),
    new=lambda user: user.is_staff or user.is_superuser,  # that a runner joins gives nobody a right
)
OF_ROLES = Edits("permissions", key="name")


def watch() -> None:
    """Called when the app is ready."""
    from allauth.mfa.signals import (
        authenticator_added,
        authenticator_removed,
        authenticator_reset,
    )

    note_edits(User, OF_PEOPLE)
    note_links(User, "groups", OF_PEOPLE, called="name")
    note_links(User, "user_permissions", OF_PEOPLE, called="codename")
    note_edits(Group, OF_ROLES)
    note_links(Group, "permissions", OF_ROLES, called="codename")
    for signal, action in (
        (authenticator_added, "second_factor.added"),
        (authenticator_removed, "second_factor.removed"),
        (authenticator_reset, "second_factor.renewed"),
    ):
        signal.connect(
            _noting(action), weak=False, dispatch_uid=f"accounts.permission_changes.{action}"
        )


def hand_out(**kwargs: Any) -> None:
    """The receiver of `post_migrate`: what a release gives its roles is no act of anybody."""
    with auditing.by_the_release():
        roles.hand_out(**kwargs)


def _noting(action: str) -> Any:
    def note(user: User, authenticator: Any, **_: Any) -> None:
        auditing.record(
            action,
            by=auditing.asker.get()() or user,
            at=timezone.now(),
            about="user",
            key=str(user.public_id),
            runner=user,
            after={"kind": str(authenticator.type)},
        )

    return note
