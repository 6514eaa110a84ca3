"""What may be done to a runner's credits by hand, each as a small form beside what it changes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django import forms
from django.urls import reverse

from accounts.models import User
from payments.crediting import latest_extension
from payments.models import CreditLot
from portal.staff.credit_forms import (
    AdjustForm,
    ExtendForm,
    GoodwillForm,
    TransferForm,
    UndoForm,
)
from portal.staff.movements import LotShown

LONGER_BY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Action:
    """A form with its address and button, shown under `title`; open when it came back."""

    name: str
    title: str
    button: str
    url: str
    form: forms.Form
    explains: str = ""

    @property
    def is_open(self) -> bool:
        return self.form.is_bound


def with_actions(
    lots: tuple[LotShown, ...], *, today: date, returned: Action | None = None
) -> tuple[LotShown, ...]:
    """The lots, each with what may be done to it now; `returned` is a form with its faults."""
    return tuple(replace(one, actions=_actions(one, today, returned)) for one in lots)


def _actions(shown: LotShown, today: date, returned: Action | None) -> tuple[Action, ...]:
    lot, free = shown.lot, shown.available
    names = ["extend"]
    if latest_extension(lot):
        names.append("undo")
    if not lot.is_active:
        names += ["thaw"] if lot.frozen_for == CreditLot.FrozenFor.PAUSE else []
    else:
        names += ["freeze"] if lot.expires_on >= today else []
        names += ["transfer"] if free else []
        names += ["withdraw"] if lot.is_goodwill and free else []
    actions = (lot_action(name, lot, today) for name in names)
    return tuple(
        returned if returned is not None and returned.url == one.url else one for one in actions
    )


def lot_action(name: str, lot: CreditLot, today: date, data: Any = None) -> Action:
    """One action on a lot; with `data` as it was sent."""
    title, button, make, explains = ACTIONS[name]
    form = make(lot, today, data, f"{name}-{lot.pk}-%s")
    url = reverse(f"staff:credit_{name}", args=[lot.public_id])
    return Action(name, title, button, url, form, explains)


def goodwill_action(runner: User, *, today: date, data: Any = None) -> Action:
    """Giving a runner credits that cost nothing."""
    return Action(
        "goodwill",
        "Give a credit",
        "Give it",
        reverse("staff:credit_goodwill", args=[runner.public_id]),
        GoodwillForm(data, today=today, auto_id="goodwill-%s"),
        "It is worth nothing in the books: no revenue, nothing to refund.",
    )


def _extend(lot: CreditLot, today: date, data: Any, auto_id: str) -> forms.Form:
    until = max(lot.expires_on, today) + LONGER_BY
    return ExtendForm(data, initial={"until": until}, auto_id=auto_id)


def _undo(lot: CreditLot, today: date, data: Any, auto_id: str) -> forms.Form:
    entry = latest_extension(lot)
    return UndoForm(data, initial={"entry": entry.pk if entry else ""}, auto_id=auto_id)


def _reason(lot: CreditLot, today: date, data: Any, auto_id: str) -> forms.Form:
    return AdjustForm(data, auto_id=auto_id)


def _transfer(lot: CreditLot, today: date, data: Any, auto_id: str) -> forms.Form:
    return TransferForm(data, auto_id=auto_id)


Make = Callable[[CreditLot, date, Any, str], forms.Form]
ACTIONS: dict[str, tuple[str, str, Make, str]] = {
    "extend": (
        "Give more time",
        "Give more time",
        _extend,
        "What has expired of it can be booked again, and its revenue is turned round today.",
    ),
    "undo": ("Take the last extension back", "Take it back", _undo, "What is booked stays booked."),
    "freeze": (
        "Let it rest",
        "Let it rest",
        _reason,
        "Nothing can be booked from it and it does not expire. What is booked stays booked.",
    ),
    "thaw": (
        "End its rest",
        "End its rest",
        _reason,
        "Its last day moves by as many days as it rested.",
    ),
    "transfer": (
        "Pass credits on",
        "Pass them on",
        _transfer,
        "They keep their value, their days and their terms.",
    ),
    "withdraw": (
        "Take the gift back",
        "Take it back",
        _reason,
        "What is free of it goes; what is booked or used stays.",
    ),
}
