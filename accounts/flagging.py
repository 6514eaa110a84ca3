"""Flags on a client (R8): each holds at once, on pages and by API, and she never reads why."""

from datetime import datetime

from django.db import transaction

from accounts.calling import ask_to_call
from accounts.client_flags import ClientFlags
from accounts.models import User


@transaction.atomic
def flag_client(
    *, client: User, must_call: bool, must_prepay: bool, alert: str, by: User, at: datetime
) -> None:
    """Whether she calls before booking, pays before booking, and what staff read beside her name.

    The same again changes nothing.
    """
    ask_to_call(runner=client, must_call=must_call, at=at)
    wanted = {"must_prepay": must_prepay, "alert": alert.strip()[:200]}
    flags = ClientFlags.objects.select_for_update().filter(client=client).first()
    now = {name: getattr(flags, name) for name in wanted} if flags else None
    if wanted == (now or {"must_prepay": False, "alert": ""}):
        return
    ClientFlags.objects.update_or_create(
        client=client, defaults=wanted | {"changed_at": at, "changed_by": by}
    )


def must_prepay(client: User) -> bool:
    return ClientFlags.objects.filter(client=client, must_prepay=True).exists()


def alert_of(client: User | None) -> str:
    """What staff are told beside her name; nothing for most."""
    if client is None:
        return ""
    found = ClientFlags.objects.filter(client=client).values_list("alert", flat=True).first()
    return found or ""
