"""Erasing a person (G6): what says who she is goes, what bookkeeping must keep stays.

Asked for, it waits some hours in which it can be taken back. Then the job looks whether anything
is in the way (a session, a payment, a dispute), waits until that is gone, and erases by itself.
What happens to each table is in the declarations of `accounts.classifying`; what a plain update
cannot do, the apps do in acts of their own, which they announce here.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import auditing, consenting, erasure_letters
from accounts.classifying import Fate, Table, of_people
from accounts.consents import Channel, Purpose
from accounts.erased import is_erased
from accounts.erasures import ErasureRequest
from accounts.merging import accounts_of
from accounts.models import Message, User
from accounts.second_factor import is_member_of_staff

log = logging.getLogger(__name__)

GRACE: Final = timedelta(hours=12)  # time to change one's mind; with the hourly job below a day
GRACE_UNASKED: Final = timedelta(days=30)  # she did not ask, so she may not expect the mail
AT_ONCE: Final = 20  # people a run of the job erases


class ErasureRefused(Exception):
    """It cannot be asked for; str() says why."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something open. ``what`` is a sentence for the person; ``until`` when it ends, if known."""

    what: str
    until: date | None = None


Obstacles = Callable[[User, datetime], Iterable[Obstacle]]
Credits = Callable[[User], int]
Part = Callable[[User, datetime], None]
Each = TypeVar("Each")
_obstacles: list[Obstacles] = []
_credits: list[Credits] = []
_first: list[Part] = []
_parts: list[Part] = []


def stands_in_the_way(asked: Obstacles) -> Obstacles:
    """For an app above: what of its own must be over first. Called in ``ready``."""
    return _once(_obstacles, asked)


def counts_credits(asked: Credits) -> Credits:
    """For the app that keeps credits: how many would be lost."""
    return _once(_credits, asked)


def goes_first(act: Part) -> Part:
    """For an app above: what has to be asked of others first, such as of Stripe.

    Runs outside a transaction and may run again. When it fails the erasure is tried again later.
    """
    return _once(_first, act)


def takes_part(act: Part) -> Part:
    """For an app above: what a plain update of its tables cannot do. Runs in the transaction."""
    return _once(_parts, act)


def _once(known: list[Each], one: Each) -> Each:
    if one not in known:
        known.append(one)
    return one


def obstacles_of(person: User, *, at: datetime) -> list[Obstacle]:
    """What is in the way now, the soonest over first."""
    found = [each for asked in _obstacles for each in asked(person, at)]
    return sorted(found, key=lambda each: (each.until is None, each.until or date.max))


def credits_of(person: User) -> int:
    """Credits she would lose, those set aside for sessions included."""
    return sum(asked(person) for asked in _credits)


def open_request(person: User) -> ErasureRequest | None:
    return ErasureRequest.objects.open().filter(person=person).first()


@transaction.atomic
def ask_for_erasure(
    *, person: User, by: User | None, at: datetime, gives_up_credits: bool = False
) -> ErasureRequest:
    """Note the wish; it is carried out after the grace, once nothing is in the way.

    Asking again returns the open wish. `by` is the person, a member of staff whom she asked, or
    None for the retention schedule, which gives a longer grace; asking then shortens it.

    Raises:
        ErasureRefused: a colleague's account, an erased one, or credits are left and nobody
            agreed to lose them.
    """
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    _require_runner(person)
    credits = credits_of(person)
    if credits and not gives_up_credits:
        raise ErasureRefused(_credits_left(credits))
    if (open_one := open_request(person)) is not None:
        return _asked_again(open_one, credits, by=by, at=at)
    request = ErasureRequest.objects.create(
        person=person,
        asked_at=at,
        asked_by=by.public_id if by else None,
        due_at=at + (GRACE if by else GRACE_UNASKED),
        credits_given_up=credits,
        waits_for=_as_data(obstacles_of(person, at=at)),
        looked_at=at,
    )
    _note("erasure.asked", request, by=by, at=at, after={"credits_given_up": credits})
    erasure_letters.tell_asked(request, at=at)
    return request


def _asked_again(
    request: ErasureRequest, credits: int, *, by: User | None, at: datetime
) -> ErasureRequest:
    request.credits_given_up = max(request.credits_given_up, credits)
    is_hers_now = by is not None and request.asked_by is None
    if by is not None and is_hers_now:
        request.asked_by, request.asked_at = by.public_id, at
        request.due_at = min(request.due_at, at + GRACE)
    request.save(update_fields=["credits_given_up", "asked_by", "asked_at", "due_at"])
    if is_hers_now:
        _note("erasure.asked", request, by=by, at=at, after={"credits_given_up": credits})
        erasure_letters.tell_asked(request, at=at)
    return request


@transaction.atomic
def take_back(*, person: User, by: User, at: datetime) -> bool:
    """Forget an open wish; returns whether there was one."""
    User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    request = open_request(person)
    if request is None:
        return False
    request.cancelled_at = at
    request.save(update_fields=["cancelled_at"])
    _note("erasure.taken_back", request, by=by, at=at)
    return True


def erase_due(*, at: datetime) -> int:
    """The job: erase whoever asked and has nothing open any more; returns how many.

    Somebody whose erasure fails keeps nobody else waiting.
    """
    erased, troubles = 0, []
    waiting = ErasureRequest.objects.due(at).order_by("looked_at", "pk")
    for request in waiting.select_related("person")[:AT_ONCE]:
        try:
            if not _in_the_way(request, request.person, at):
                _ask_others(request.person, at)
            erased += erase(request=request, at=at)
        except Exception as trouble:
            log.exception("Erasure %s failed", request.public_id)
            troubles.append(trouble)
            ErasureRequest.objects.filter(pk=request.pk).update(looked_at=at)
    if troubles:
        raise ExceptionGroup("Some erasures failed.", troubles)
    return erased


@transaction.atomic
def erase(*, request: ErasureRequest, at: datetime) -> bool:
    """Carry the wish out, all of it or nothing. False when something is in the way still."""
    person = User.objects.select_for_update(of=("self",)).get(pk=request.person_id)
    request = ErasureRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if not request.is_open or request.due_at > at:
        return False
    if obstacles := _in_the_way(request, person, at):
        request.waits_for, request.looked_at = _as_data(obstacles), at
        request.save(update_fields=["waits_for", "looked_at"])
        return False
    farewell = erasure_letters.farewell(person)
    # An account that was absorbed is a name for hers: it goes with her (R7).
    for account in reversed(accounts_of(person)):
        _erase_account(account, at)
    request.waits_for, request.looked_at, request.done_at = [], at, at
    request.save(update_fields=["waits_for", "looked_at", "done_at"])
    _note("erasure.done", request, by=None, at=at)
    transaction.on_commit(partial(farewell.send, fail_silently=True), robust=True)
    return True


def _in_the_way(request: ErasureRequest, person: User, at: datetime) -> list[Obstacle]:
    return [*obstacles_of(person, at=at), *_more_credits(request, person)]


def _ask_others(person: User, at: datetime) -> None:
    for account in accounts_of(person):
        for act in _first:
            act(account, at)


def _erase_account(account: User, at: datetime) -> None:
    _withdraw_consents(account, at)
    for act in _parts:
        act(account, at)
    _drop_unsent_mail(account, at)
    for table in of_people():
        _carry_out(table, account)


def _require_runner(person: User) -> None:
    if is_member_of_staff(person):
        raise ErasureRefused(
            _("This is the account of somebody who works here: it is ended in the admin.")
        )
    if is_erased(person):
        raise ErasureRefused(_("This account was deleted already."))


def _credits_left(credits: int) -> str:
    return _(
        "%(credits)d credits are left and would be lost. Tick that you give them up, or ask for"
        " your money back first."
    ) % {"credits": credits}


def _more_credits(request: ErasureRequest, person: User) -> list[Obstacle]:
    """Credits that came back or were bought since: nobody agreed to lose those."""
    more = credits_of(person) - request.credits_given_up
    if more <= 0:
        return []
    return [Obstacle(_("%(more)d more credits are yours than you gave up.") % {"more": more})]


def _withdraw_consents(person: User, at: datetime) -> None:
    for purpose in Purpose:
        if consenting.has_given(person, purpose):
            consenting.withdraw(person, purpose, channel=Channel.ERASURE, by=person, at=at)


def _drop_unsent_mail(person: User, at: datetime) -> None:
    from accounts.personal import mailed_to

    unsent = Message.objects.filter(mailed_to(person)).filter(sent_at=None, dropped_at=None)
    unsent.update(dropped_at=at, dropped_because="The account was deleted.", leased_until=None)


def _carry_out(table: Table, person: User) -> None:
    """Do with somebody's rows what the table's declaration says."""
    if table.fate is Fate.DELETE:
        # By pk: what finds the rows may be among what goes.
        rows = table.model._base_manager.filter(
            pk__in=list(table.rows(person).values_list("pk", flat=True))
        )
        rows.delete()
    elif table.fate is Fate.EMPTY and table.emptied:
        table.rows(person).order_by().update(**_values(table, person))


def _values(table: Table, person: User) -> dict[str, Any]:
    return {
        name: value(person) if callable(value) else value for name, value in table.emptied.items()
    }


def _as_data(obstacles: Iterable[Obstacle]) -> list[dict[str, Any]]:
    return [asdict(each) for each in obstacles]


def _note(
    action: str,
    request: ErasureRequest,
    *,
    by: User | None,
    at: datetime,
    after: dict[str, Any] | None = None,
) -> None:
    auditing.record(
        action,
        by=by,
        at=at,
        about="user",
        key=str(request.person.public_id),
        runner=request.person,
        after=after,
    )
