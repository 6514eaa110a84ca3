"""Sealing again with the current key whatever an older one sealed."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, F, TextField, Value
from django.db.models.functions import Cast, StrIndex, Substr

from accounts import sealed_factors
from accounts.encrypting import ENDS_ID, EncryptedTextField, SealError, current_key_id

BATCH: Final = 200

Progress = Callable[[str, int], None]


@dataclass(slots=True)
class Rotation:
    """What a run did: rows sealed again, and rows that could not be opened."""

    sealed: int = 0
    unreadable: int = 0


def sealed_fields() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    """Every sealed field of every app."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def keys_in_use() -> Counter[str]:
    """How many fields each key sealed that is still in use."""
    found: Counter[str] = Counter()
    for model, field in sealed_fields():
        ends = StrIndex("kept", Value(ENDS_ID))
        rows = _plainly(model, field).filter(kept__contains=ENDS_ID)
        rows = rows.annotate(key_id=Substr("kept", 1, ends - 1))
        counted = rows.order_by().values("key_id").annotate(count=Count("pk"))
        found.update({one["key_id"]: one["count"] for one in counted})
    return found + sealed_factors.keys_in_use(sealed_factors.of_everybody())


def rotate(*, progress: Progress, batch: int = BATCH) -> Rotation:
    """Seal everything with the current key, a batch a transaction.

    Stopped halfway it goes on where it was: what is sealed anew is not looked at again. A row that
    is written meanwhile keeps what was written.
    """
    done = Rotation()
    for model, field in sealed_fields():
        last = 0
        while rows := list(_to_rotate(model, field).filter(pk__gt=last)[:batch]):
            with transaction.atomic():
                for row in rows:
                    _seal_again(row, field, done)
            last = rows[-1].pk
            progress(str(model._meta.verbose_name_plural), done.sealed)
    again, failed = sealed_factors.seal_again(sealed_factors.of_everybody())
    done.sealed, done.unreadable = done.sealed + again, done.unreadable + failed
    progress("second factors", done.sealed)
    return done


def _seal_again(row: Any, field: EncryptedTextField, done: Rotation) -> None:
    before = row.__dict__[field.attname]
    try:
        after = field.resealed(row)
    except SealError:
        done.unreadable += 1
        return
    unchanged = _plainly(type(row), field).filter(pk=row.pk, kept=str(before))
    done.sealed += unchanged.update(**{field.attname: after})


def _to_rotate(
    model: type[models.Model], field: EncryptedTextField
) -> "models.QuerySet[models.Model]":
    current = f"{current_key_id()}{ENDS_ID}"
    return _plainly(model, field).exclude(kept__startswith=current).order_by("pk")


def _plainly(
    model: type[models.Model], field: EncryptedTextField
) -> "models.QuerySet[models.Model]":
    """With ``kept``: the field as the database holds it, which may be compared; empty ones not."""
    rows = model._default_manager.annotate(kept=Cast(F(field.attname), TextField()))
    return rows.exclude(kept=None)
