"""Two accounts of one person become one, and for seven days can be two again (R7).

Staff decide; nothing is merged because addresses look alike. What the client owns changes hands
row by row, each noted with what it was, so undoing puts back exactly that. Ledgers are not
touched: their sums are the same before and after. The account that is absorbed stays as a name
for the other: its public id finds the person, and nobody signs in with it any more.

Where one account agreed to something and the other did not, the no holds. Words about health that
are forgotten with it do not come back by undoing.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.dispatch import Signal

from accounts import auditing
from accounts.client_flags import ClientFlags
from accounts.consenting import stay_with_no, torn_between
from accounts.erasures import ErasureRequest
from accounts.merge_table import MOVED, MOVED_WHERE_FREE, MOVED_WHERE_ROOM
from accounts.merges import Merge, MergedRow
from accounts.models import RunnerProfile, User
from accounts.second_factor import is_member_of_staff

# Apps above answer with a list of sentences that speak against it.
merge_asked = Signal()  # kept, absorbed, at
undo_asked = Signal()  # merge, at

MOST_ALIASES = 20
MADE = ""  # in place of a field's name: the whole row is the merge's


class MergeError(Exception):
    """Two people that cannot be merged, or a merge that cannot be undone; says why."""


@dataclass(frozen=True, slots=True)
class Moving:
    """Rows of one kind that would change hands."""

    label: str
    field: str
    name: str
    count: int


def find_person(public_id: object) -> User | None:
    """Whoever is behind a public id, an absorbed account's too."""
    person: User | None = User.objects.filter(public_id=public_id).first()
    for _step in range(MOST_ALIASES):
        if person is None or person.is_active:
            return person
        merge = Merge.objects.filter(absorbed=person, undone_at=None).first()
        if merge is None:
            return person
        person = merge.kept
    return person


def what_moves(*, kept: User, absorbed: User) -> list[Moving]:
    """What would change hands; a query a kind of row."""
    return [
        Moving(label, field.name, _called(field.model, number), number)
        for label, field in _relations()
        if (number := _rows_to_move(label, field, kept, absorbed).count())
    ]


def _called(model: type[models.Model], number: int) -> str:
    named = model._meta
    return str(named.verbose_name if number == 1 else named.verbose_name_plural)


def refusals(*, kept: User, absorbed: User, at: datetime) -> list[str]:
    """Every reason against merging these two now."""
    found = []
    if kept.pk == absorbed.pk:
        return ["That is one account already."]
    if any(is_member_of_staff(one) for one in (kept, absorbed)):
        found.append("One of the two works here. Accounts of staff are not merged.")
    if not absorbed.is_active or not kept.is_active:
        found.append("One of the two is not active any more.")
    leaving = ErasureRequest.objects.filter(person__in=[kept, absorbed])
    if leaving.filter(cancelled_at=None, done_at=None).exists():
        found.append("One of the two asked to be forgotten. That comes first.")
    return found + _said(merge_asked, kept=kept, absorbed=absorbed, at=at)


@transaction.atomic
def merge_people(*, kept: User, absorbed: User, why: str, by: User, at: datetime) -> Merge:
    """Everything of `absorbed` becomes `kept`'s. The same again returns the first merge.

    Raises:
        MergeError: no reason given, or something speaks against it; nothing is written.
    """
    _lock(kept, absorbed)
    kept.refresh_from_db()
    absorbed.refresh_from_db()
    done = Merge.objects.filter(kept=kept, absorbed=absorbed, undone_at=None).first()
    if done is not None:
        return done
    if not why.strip():
        raise MergeError("Say how you know that they are one person.")
    if against := refusals(kept=kept, absorbed=absorbed, at=at):
        raise MergeError(" ".join(against))
    merge = Merge.objects.create(
        kept=kept, absorbed=absorbed, why=why.strip()[:200], made_at=at, made_by=by
    )
    torn = torn_between(kept, absorbed)
    for path, field in _relations():
        if path in MOVED_WHERE_ROOM:
            _hand_over_each(merge, field)
        else:
            _hand_over(merge, path, field)
    _hand_over_addresses(merge)
    _merge_profiles(merge)
    _merge_flags(merge)
    for purpose in torn:
        _note_made(merge, stay_with_no(kept, purpose, by=by, at=at))
    _change(merge, absorbed, "is_active", False)
    _noted(merge, "clients.merged", by, at, why.strip())
    return merge


@transaction.atomic
def undo_merge(*, merge: Merge, by: User, at: datetime) -> Merge:
    """Put every value back that the merge changed. Undoing again changes nothing.

    Raises:
        MergeError: too late, or something came since that belongs to both; nothing is written.
    """
    _lock(merge.kept, merge.absorbed)
    merge = Merge.objects.select_for_update().select_related("kept", "absorbed").get(pk=merge.pk)
    if merge.undone_at is not None:
        return merge
    if not merge.can_be_undone(at):
        raise MergeError("A merge can be undone for seven days. Those are over.")
    if Merge.objects.filter(absorbed=merge.kept, undone_at=None).exists():
        raise MergeError("The one who was kept has been merged again. Undo that merge first.")
    if against := _said(undo_asked, merge=merge, at=at):
        raise MergeError(" ".join(against))
    # Backwards: an address is the other's again before it is the first of hers.
    for row in merge.rows.order_by("-pk"):
        _put_back(row)
    merge.undone_at, merge.undone_by = at, by
    merge.save(update_fields=["undone_at", "undone_by"])
    _noted(merge, "clients.merge_undone", by, at, merge.why)
    return merge


def merges_of(person: User) -> "QuerySet[Merge]":
    """Those in which the person was kept or absorbed, the latest first."""
    found = Merge.objects.filter(Q(kept=person) | Q(absorbed=person))
    return found.select_related("kept", "absorbed", "made_by", "undone_by")


def accounts_of(person: User) -> list[User]:
    """Hers, and those that were absorbed by it, by one of those, and so on."""
    found = [person]
    for one in found:
        merges = Merge.objects.filter(kept=one, undone_at=None).select_related("absorbed")
        found += [merge.absorbed for merge in merges if merge.absorbed not in found]
    return found


# --- what changes hands ------------------------------------------------------------------------


def _relations() -> Iterator[tuple[str, "models.ForeignKey[Any, Any]"]]:
    """The relations of the table that this project has."""
    for path in sorted(MOVED | MOVED_WHERE_FREE | MOVED_WHERE_ROOM):
        label, _, name = path.rpartition(".")
        yield path, apps.get_model(label)._meta.get_field(name)  # type: ignore[misc]


def _rows_to_move(
    path: str, field: "models.ForeignKey[Any, Any]", kept: User, absorbed: User
) -> "QuerySet[Any]":
    rows = field.model._base_manager
    if path in MOVED_WHERE_FREE and rows.filter(**{field.name: kept}).exists():
        return rows.none()
    return rows.filter(**{field.name: absorbed})


def _hand_over(merge: Merge, path: str, field: "models.ForeignKey[Any, Any]") -> None:
    rows = _rows_to_move(path, field, merge.kept, merge.absorbed)
    found = list(rows.select_for_update().values_list("pk", flat=True))
    _note_rows(merge, field.model, field.name, found, merge.absorbed_id, merge.kept_id)
    field.model._base_manager.filter(pk__in=found).update(**{field.attname: merge.kept_id})


def _hand_over_each(merge: Merge, field: "models.ForeignKey[Any, Any]") -> None:
    """One at a time: the database says where there is no room for it."""
    for row in field.model._base_manager.filter(**{field.name: merge.absorbed}):
        with suppress(IntegrityError), transaction.atomic():
            _change(merge, row, field.attname, merge.kept_id)


def _hand_over_addresses(merge: Merge) -> None:
    """Addresses somebody proved; with them she signs in to the account that is kept."""
    known = {one.email: one for one in EmailAddress.objects.filter(user=merge.kept)}
    for address in EmailAddress.objects.filter(user=merge.absorbed, verified=True):
        if (same := known.get(address.email)) is None:
            _change(merge, address, "primary", False)
            _change(merge, address, "user_id", merge.kept_id)
        else:  # typed there, proven here: what was proven holds for her row
            _change(merge, address, "verified", False)
            _change(merge, same, "verified", True)


def _merge_profiles(merge: Merge) -> None:
    """What only the absorbed account knew fills gaps; that she calls first holds for both."""
    known = RunnerProfile.objects.filter(user=merge.absorbed).first()
    profile = RunnerProfile.objects.filter(user=merge.kept).first()
    if merge.absorbed.name and not merge.kept.name:
        _change(merge, merge.kept, "name", merge.absorbed.name)
    if known is None:
        return
    if profile is None:
        _change(merge, known, "user_id", merge.kept_id)
        return
    if known.mobile and not profile.mobile:
        _change(merge, profile, "mobile", known.mobile)
    if known.must_call and not profile.must_call:
        _change(merge, profile, "must_call", True)


def _merge_flags(merge: Merge) -> None:
    """What staff are told of either account, they are told of the person."""
    known = ClientFlags.objects.filter(client=merge.absorbed).first()
    flags = ClientFlags.objects.filter(client=merge.kept).first()
    if known is None or flags is None:
        return
    if known.must_prepay:
        _change(merge, flags, "must_prepay", True)
    if known.alert and known.alert not in flags.alert:
        both = [alert for alert in (flags.alert, known.alert) if alert]
        _change(merge, flags, "alert", _joined(both))


def _joined(alerts: list[str]) -> str:
    """Both; when there is no room for all of it, the beginning of each."""
    longest = ClientFlags._meta.get_field("alert").max_length or 0
    whole = " / ".join(alerts)
    if len(whole) <= longest:
        return whole
    return " / ".join(alert[: longest // 2 - 2] for alert in alerts)


def _note_made(merge: Merge, row: models.Model) -> None:
    """A row that the merge added: undoing takes it away."""
    _note_rows(merge, type(row), MADE, [row.pk], None, None)


def _change(merge: Merge, row: models.Model, field: str, value: Any) -> None:
    """Write one value, and what it was."""
    before = getattr(row, field)
    if before == value:
        return
    _note_rows(merge, type(row), field, [row.pk], before, value)
    type(row)._base_manager.filter(pk=row.pk).update(**{field: value})
    setattr(row, field, value)


def _note_rows(
    merge: Merge, model: type[models.Model], field: str, rows: list[Any], before: Any, after: Any
) -> None:
    MergedRow.objects.bulk_create(
        MergedRow(
            merge=merge,
            model=model._meta.label_lower,
            field=field,
            row=str(pk),
            before=before,
            after=after,
        )
        for pk in rows
    )


def _put_back(row: MergedRow) -> None:
    """As it was, unless somebody has changed it since: then theirs is the later word."""
    model = apps.get_model(row.model)
    if row.field == MADE:
        model._base_manager.filter(pk=row.row).delete()
        return
    field = model._meta.get_field(row.field.removesuffix("_id")).attname  # type: ignore[union-attr]
    rows = model._base_manager.filter(pk=row.row, **{field: row.after})
    rows.update(**{field: row.before})


# --- small things ------------------------------------------------------------------------------


def _lock(*people: User) -> None:
    pks = sorted(one.pk for one in people)
    list(User.objects.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk"))


def _said(asked: Signal, **about: Any) -> list[str]:
    """What the apps above say against it."""
    answers: list[tuple[Any, Any]] = asked.send(sender=Merge, **about)
    return [sentence for _receiver, said in answers for sentence in said]


def _noted(merge: Merge, action: str, by: User, at: datetime, why: str) -> None:
    moved = {
        f"{one['model']}.{one['field']}": one["rows"]
        for one in merge.rows.values("model", "field").annotate(rows=models.Count("pk"))
    }
    auditing.record(
        action,
        by=by,
        at=at,
        about="merge",
        key=str(merge.public_id),
        runner=merge.kept,
        before={"absorbed": str(merge.absorbed.public_id)},
        after={"kept": str(merge.kept.public_id), "rows": moved},
        why=why,
    )
