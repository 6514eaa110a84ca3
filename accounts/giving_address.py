"""Another address to sign in with, given in the admin: told at both, as whatever opens an account.

Whoever changes her own proves the new one first (allauth). Here somebody else types it, so it is
proven by the next sign-in, whose code goes there; the earlier mailbox opens nothing any more.
"""

from datetime import datetime
from typing import Final

from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from accounts.noticing import NEW_ADDRESS, OLD_ADDRESS, owe_notice
from accounts.security_log import note

TAKEN: Final = "Somebody else signs in with this address."


def is_taken(email: str, *, person: int | None) -> bool:
    """Proven by somebody other than `person` (by key; None: somebody new)."""
    proven = EmailAddress.objects.filter(email=email, verified=True)
    return bool(proven.exclude(user=person).exists())


@transaction.atomic
def give_address(request: HttpRequest, *, person: User, was: str, by: User, at: datetime) -> None:
    """`person` is saved with the new one; follow with what allauth keeps, and tell."""
    theirs = EmailAddress.objects.filter(user=person)
    theirs.filter(email=was).delete()
    theirs.update(primary=False)
    theirs.update_or_create(user=person, email=person.email, defaults={"primary": True})
    owe_notice(OLD_ADDRESS, to=was, user=person, at=at)
    owe_notice(NEW_ADDRESS, to=person.email, user=person, at=at)
    note("address_changed", request, person, by=str(by.public_id))
