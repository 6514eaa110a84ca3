"""Asking a runner to call before she books (E9). Nothing here says why, and nothing keeps it."""

from datetime import datetime

from accounts.models import RunnerProfile, User


def ask_to_call(*, runner: User, must_call: bool, at: datetime) -> None:
    """On: not bookable online, the practice talks to her first. The same again changes nothing."""
    RunnerProfile.objects.update_or_create(
        user=runner,
        defaults={"must_call": must_call},
        create_defaults={"must_call": must_call, "created_at": at},
    )
