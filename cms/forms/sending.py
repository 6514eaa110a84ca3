"""A visitor sends a form: checked, stored with what she agreed to, and told to the practice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import outbox
from cms.forms.building import consent_field
from cms.forms.guards import may_acknowledge, stamp, suspicion
from cms.forms.models import ConsentText, Enquiry, FormPage

RECEIVED, ACKNOWLEDGED = "enquiry_received", "enquiry_acknowledged"
READ_AGAIN = gettext_noop(
    "The words next to the tick changed while you wrote. Please read them and send again."
)


def form_of(page: FormPage, data: Mapping[str, Any] | None, *, at: datetime) -> forms.Form:
    """The page's form with its guards: empty, or bound to what was sent.

    A bound form is checked already. Its guards are drawn anew, so that it can be sent again.
    """
    form: forms.Form = page.get_form_class()(data=data, page=page, auto_id="field_%s")
    form.fields["consent"] = consent_field(page.consent_words)
    if data is None:
        return form
    if doubt := suspicion(
        opened=str(data.get("opened", "")), trap=str(data.get("website", "")), at=at
    ):
        form.add_error(None, doubt)
    elif data.get("consent_seen") != page.consent_digest:
        form.add_error("consent", _(READ_AGAIN))
    return form


def guards_of(page: FormPage, *, at: datetime) -> dict[str, str]:
    """The hidden fields that a form is sent with."""
    return {"opened": stamp(at), "consent_seen": page.consent_digest}


@transaction.atomic
def receive(*, page: FormPage, form: forms.Form, at: datetime) -> Enquiry:
    """Keep what a valid form says, and owe the practice and the sender their mails."""
    labels = [(field.clean_name, field.label) for field in page.get_form_fields()]
    answers = {name: form.cleaned_data.get(name) for name, _label in labels}
    enquiry: Enquiry = Enquiry.objects.create(
        page=page,
        form_data=answers,
        labels=labels,
        consent=_consent(page, at),
        submit_time=at,
        forget_at=at + timedelta(days=page.keep_days),
    )
    to = page.to_address or settings.PRACTICE["email"]
    _owe(RECEIVED, enquiry, to, at)
    if page.acknowledge and (sender := _sender(form)) and may_acknowledge(sender):
        _owe(ACKNOWLEDGED, enquiry, sender, at)
    return enquiry


def _owe(kind: str, enquiry: Enquiry, to: str, at: datetime) -> None:
    outbox.enqueue(
        kind=kind,
        about=str(enquiry.public_id),
        to=to,
        user=None,
        dedupe_key=f"{kind}:{enquiry.public_id}",
        at=at,
    )


def _sender(form: forms.Form) -> str:
    """The first email address the form asks for."""
    for name, field in form.fields.items():
        if isinstance(field, forms.EmailField):
            return str(form.cleaned_data.get(name) or "")
    return ""


def _consent(page: FormPage, at: datetime) -> ConsentText:
    """The version of the words she agreed to, numbered when they are first used."""
    words = {"page": page, "digest": page.consent_digest}
    known = ConsentText.objects.filter(**words).first()
    if known is not None:
        return known
    last = page.consent_texts.aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            return ConsentText.objects.create(
                **words, number=last + 1, text=page.consent_words, used_since=at
            )
    except IntegrityError:  # another visitor was first, with these words
        return ConsentText.objects.get(**words)
