"""What people sent is deleted when they were told it would be."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count

from accounts import outbox
from cms.forms.models import Enquiry
from cms.forms.sending import ACKNOWLEDGED, RECEIVED


def forget_due(*, at: datetime) -> int:
    """Delete what is due, and the mails about it, which hold the address; returns how many.

    Safe to repeat.
    """
    with transaction.atomic():
        due_now = list(Enquiry.objects.to_forget(at).values_list("pk", "public_id"))
        outbox.forget(
            kinds=(RECEIVED, ACKNOWLEDGED), about=[str(public_id) for _, public_id in due_now]
        )
        Enquiry.objects.filter(pk__in=[pk for pk, _ in due_now]).delete()
    return len(due_now)


def due(*, at: datetime) -> list[tuple[str, int]]:
    """What `forget_due` would delete: each form and how many of its messages."""
    counted = Enquiry.objects.to_forget(at).values_list("page__title").order_by("page__title")
    return list(counted.annotate(Count("pk")))
