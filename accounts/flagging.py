"""Flags on a client (R8): each holds at once, on pages and by API, and she never reads why."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import auditing
from accounts.client_flags import ClientFlags
from accounts.models import RunnerProfile, User


@dataclass(frozen=True, slots=True)
class Flags:
    """``must_call`` is kept in her profile, where the rules of booking look, and nowhere why."""

    must_call: bool
    must_prepay: bool
    alert: str


def flags_of(client: User) -> Flags:
    """As they stand; two queries."""
    calls = RunnerProfile.objects.filter(user=client, must_call=True).exists()
    others = ClientFlags.objects.filter(client=client).first()
    return Flags(calls, bool(others and others.must_prepay), others.alert if others else "")


@transaction.atomic
def flag_client(
    *, client: User, must_call: bool, must_prepay: bool, alert: str, by: User, at: datetime
) -> None:
    """Whether she calls before booking (E9), pays before, and what staff read beside her name.

    The same again changes nothing.
    """
    User.objects.select_for_update(no_key=True).get(pk=client.pk)
    was, wanted = flags_of(client), Flags(must_call, must_prepay, alert.strip()[:200])
    if wanted == was:
        return
    if wanted.must_call != was.must_call:
        calls = {"must_call": must_call}
        RunnerProfile.objects.update_or_create(
            user=client, defaults=calls, create_defaults=calls | {"created_at": at}
        )
    if replace(wanted, must_call=was.must_call) != was:
        others = {"must_prepay": wanted.must_prepay, "alert": wanted.alert}
        ClientFlags.objects.update_or_create(
            client=client, defaults=others | {"changed_at": at, "changed_by": by}
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


def _told(flags: Flags, other: Flags) -> dict[str, Any]:
    """What differs, for the trail; of the alert only whether there is one, never its words."""
    values, others = asdict(flags), asdict(other)
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
