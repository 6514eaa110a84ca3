"""Flags on a client (R8): each holds at once, on pages and by API, and she never reads why."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import auditing
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
    ask_to_call(runner=client, must_call=must_call, by=by, at=at)
    wanted = {"must_prepay": must_prepay, "alert": alert.strip()[:200]}
    flags = ClientFlags.objects.select_for_update().filter(client=client).first()
    flags = flags or ClientFlags(client=client, must_prepay=False, alert="")
    was = {name: getattr(flags, name) for name in wanted}
    if wanted == was:
        return
    ClientFlags.objects.update_or_create(
        client=client, defaults=wanted | {"changed_at": at, "changed_by": by}
    )
    auditing.record(
        "clients.flagged",
        by=by,
        at=at,
        about="user",
        key=str(client.public_id),
        runner=client,
        before=_told(was, wanted),
        after=_told(wanted, was),
    )


def _told(values: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """What differs, for the trail; of the alert only whether there is one, never its words."""
    differing = {name: value for name, value in values.items() if value != others[name]}
    if "alert" in differing:
        differing["alert"] = "set" if differing["alert"] else "none"
    return differing


def must_prepay(client: User) -> bool:
    return ClientFlags.objects.filter(client=client, must_prepay=True).exists()


def alert_of(client: User | None) -> str:
    """What staff are told beside her name; nothing for most."""
    if client is None:
        return ""
    found = ClientFlags.objects.filter(client=client).values_list("alert", flat=True).first()
    return found or ""
