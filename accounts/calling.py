"""Asking a runner to call before she books (E9). Nothing here says why, and nothing keeps it."""

from datetime import datetime

from django.db import transaction

from accounts import auditing
from accounts.models import RunnerProfile, User


@transaction.atomic
def ask_to_call(*, runner: User, must_call: bool, by: User, at: datetime) -> None:
    """On: not bookable online, the practice talks to her first. The same again changes nothing."""
    profile = RunnerProfile.objects.select_for_update().filter(user=runner).first()
    before = profile is not None and profile.must_call
    if before == must_call:
        return
    RunnerProfile.objects.update_or_create(
        user=runner,
        defaults={"must_call": must_call},
        create_defaults={"must_call": must_call, "created_at": at},
    )
    auditing.record(
        "clients.flagged",
        by=by,
        at=at,
        about="user",
        key=str(runner.public_id),
        runner=runner,
        before={"must_call": before},
        after={"must_call": must_call},
    )
