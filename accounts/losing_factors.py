"""A lost second factor is taken off by whoever runs the portal; docs/accounts.md says when."""

from datetime import datetime

from allauth.mfa.models import Authenticator

from accounts import auditing
from accounts.ending_sessions import sessions_end
from accounts.models import User
from accounts.noticing import FACTORS_FORGOTTEN, owe_notice


def forget_factors_of(person: User, *, by: User | None, at: datetime) -> list[str]:
    """Which kinds there were. Their sessions end, and a mail tells them."""
    factors = Authenticator.objects.filter(user=person)
    kinds = sorted(set(factors.values_list("type", flat=True)))
    if not kinds:
        return []
    with sessions_end(person, by=by, at=at):
        factors.delete()
        owe_notice(FACTORS_FORGOTTEN, to=person.email, user=person, at=at)
        auditing.record(
            "second_factor.forgotten",
            by=by,
            at=at,
            about="user",
            key=str(person.public_id),
            runner=person,
            before={"kinds": kinds},
        )
    return kinds
