"""What people sent is deleted when they were told it would be."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from cms.forms.models import Enquiry


def forget_due(*, at: datetime) -> int:
    """Delete what is due; returns how many. Safe to repeat."""
    forgotten, _ = Enquiry.objects.to_forget(at).delete()
    return int(forgotten)


def due(*, at: datetime) -> list[tuple[str, int]]:
    """What `forget_due` would delete: each form and how many of its messages."""
    counted = Enquiry.objects.to_forget(at).values_list("page__title").order_by("page__title")
    return list(counted.annotate(Count("pk")))
