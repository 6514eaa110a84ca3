"""What was bought before anybody signed in becomes usable once the address is proven (R2).

An order belongs to the person of its address from its first moment: the desk sells to an address,
and one mailbox is one person. Nothing is merged here, ever. Whoever reads the code in that mailbox
signs in as that person and finds what is hers; an address that only looks alike is somebody else,
and so is whoever has the address of another already.
"""

from typing import Any, Final

from allauth.account.models import EmailAddress
from django.dispatch import Signal
from django.utils import timezone

from accounts.bouncing import mend
from accounts.models import User

# Sent with ``user``, ``at`` and ``request`` (or None) the first time an address is proven.
account_claimed: Final = Signal()


def confirmed(sender: object, email_address: EmailAddress, **kwargs: Any) -> None:
    """allauth has marked an address as verified, by code or by its API.

    The address she signs in with claims, once. Changing it for another claims nothing: what
    belongs to the other is of whoever had it.
    """
    user = email_address.user
    if not isinstance(user, User) or email_address.email.lower() != user.email:
        return
    at = timezone.now()
    mend(user.email, at=at)
    proven = EmailAddress.objects.filter(user=user, verified=True).exclude(pk=email_address.pk)
    if not proven.exists():
        request = kwargs.get("request")
        account_claimed.send(sender=User, user=user, at=at, request=request)
