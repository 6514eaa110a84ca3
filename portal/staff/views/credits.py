"""What staff do to a runner's credits by hand (P9, P12): one POST each, with a reason."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.isolating import isolated
from accounts.models import User
from accounts.roles import ADJUST_CREDITS
from payments import crediting
from payments.adjusting_by_hand import give
from payments.crediting import CreditError
from payments.days import practice_day
from payments.models import AdjustmentProposal, CreditEntry, CreditLot
from payments.second_person import AdjustmentError
from portal.staff.access import signed_in, staff_page
from portal.staff.adjusting import Action, goodwill_action, lot_action
from portal.staff.views.people import runner_shown

Facts = dict[str, Any]


@require_POST
@staff_page(ADJUST_CREDITS)
def extend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    def act(lot: CreditLot, typed: Facts, by: User, at: datetime) -> str:
        crediting.extend_lot(lot=lot, by=by, at=at, **typed)
        return f"{lot.name} lasts longer."

    return _adjust(request, public_id, "extend", act)


@require_POST
@staff_page(ADJUST_CREDITS)
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    def act(lot: CreditLot, typed: Facts, by: User, at: datetime) -> str:
        entry = get_object_or_404(CreditEntry, lot=lot, pk=typed.pop("entry"))
        crediting.undo_extension(entry=entry, by=by, at=at, **typed)
        return f"{lot.name} ends as it did before."

    return _adjust(request, public_id, "undo", act)


@require_POST
@staff_page(ADJUST_CREDITS)
def freeze(request: HttpRequest, public_id: UUID) -> HttpResponse:
    def act(lot: CreditLot, typed: Facts, by: User, at: datetime) -> str:
        crediting.freeze_lot(lot=lot, by=by, at=at, **typed)
        return f"{lot.name} rests."

    return _adjust(request, public_id, "freeze", act)


@require_POST
@staff_page(ADJUST_CREDITS)
def thaw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    def act(lot: CreditLot, typed: Facts, by: User, at: datetime) -> str:
        crediting.thaw_lot(lot=lot, by=by, at=at, **typed)
        return f"{lot.name} can be booked with again."

    return _adjust(request, public_id, "thaw", act)


@require_POST
@staff_page(ADJUST_CREDITS)
def transfer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    def act(lot: CreditLot, typed: Facts, by: User, at: datetime) -> str:
        source = f"transfer:{typed.pop('key')}"
        crediting.transfer_units(lot=lot, by=by, at=at, source=source, **typed)
        return f"{typed['to']} has them now."

    return _adjust(request, public_id, "transfer", act)


@require_POST
@staff_page(ADJUST_CREDITS)
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    def act(lot: CreditLot, typed: Facts, by: User, at: datetime) -> str:
        crediting.withdraw_goodwill(lot=lot, by=by, at=at, **typed)
        return "The credit is taken back."

    return _adjust(request, public_id, "withdraw", act)


@require_POST
@staff_page(ADJUST_CREDITS)
def goodwill(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give credits that cost nothing."""
    runner = get_object_or_404(User.objects.filter(is_active=True), public_id=public_id)
    by, now = signed_in(request), timezone.now()
    action = goodwill_action(runner, today=practice_day(now), data=request.POST)
    if not action.form.is_valid():
        return runner_shown(request, runner, status=422, returned=action)
    typed = action.form.cleaned_data
    until = typed.pop("until")
    try:
        given = give(owner=runner, by=by, at=now, expires_on=until, **typed)
    except (AdjustmentError, CreditError) as refused:
        return _refused(request, runner, action, refused)
    if isinstance(given, AdjustmentProposal):
        messages.warning(request, "That is too much for one person. Somebody else has to agree.")
        return redirect("staff:adjustments")
    messages.success(request, f"{isolated(runner)} has the credit.")
    return redirect("staff:runner", runner.public_id)


def _adjust(
    request: HttpRequest,
    public_id: UUID,
    name: str,
    act: Callable[[CreditLot, Facts, User, datetime], str],
) -> HttpResponse:
    """One act on one lot, then back to its runner; a form with a fault comes back open."""
    lot = get_object_or_404(CreditLot.objects.select_related("owner"), public_id=public_id)
    by, now = signed_in(request), timezone.now()
    action = lot_action(name, lot, practice_day(now), request.POST)
    if not action.form.is_valid():
        return runner_shown(request, lot.owner, status=422, returned=action)
    try:
        words = act(lot, dict(action.form.cleaned_data), by, now)
    except CreditError as refused:
        return _refused(request, lot.owner, action, refused)
    messages.success(request, words)
    return redirect("staff:runner", lot.owner.public_id)


def _refused(
    request: HttpRequest, runner: User, action: Action, refused: Exception
) -> HttpResponse:
    action.form.add_error(None, str(refused))
    return runner_shown(request, runner, status=409, returned=action)
