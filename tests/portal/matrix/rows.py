"""Rows of any table, with whatever they must have."""

import itertools
import uuid
from datetime import time
from typing import Any

from django.db import models, transaction
from django.utils import timezone

NOW = timezone.now()
NOBODY = uuid.UUID("00000000-0000-4000-8000-000000000000")
# What a table asks for beyond its columns.
LEAST: dict[str, dict[str, Any]] = {
    "PromotionCode": {"share_bp": 1000},
    "HoursException": {"starts": time(9), "ends": time(17)},
}
_next = itertools.count(1)


def fill(model: type[models.Model], **values: Any) -> Any:
    """A row with whatever it must have: what is not said is as plain as its type allows."""
    for one in model._meta.concrete_fields:
        said = one.name in values or one.attname in values
        if not (said or one.null or one.blank or one.has_default() or one.primary_key):
            values[one.name] = _plain(one)
    with transaction.atomic():
        return model._base_manager.create(**values)


def _plain(field: Any) -> Any:
    number = next(_next)
    if isinstance(field, models.ForeignKey):
        return one_of(field.related_model)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.DateTimeField):
        return NOW
    if isinstance(field, models.DateField):
        return NOW.date()
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.IntegerField):
        return number
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if getattr(field, "max_length", None) == 3:
        return "GBP"
    return f"x{number}"


def one_of(model: type[models.Model]) -> Any:
    """A row of that table, made if there is none."""
    return model._base_manager.first() or fill(model, **LEAST.get(model.__name__, {}))
