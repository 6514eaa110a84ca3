"""Giving out receipts and credit notes: numbered without a gap, frozen, one for each cause.

The row of the legal entity is locked while the next number is taken, so issuing comes last in
the transaction of what it documents: nobody waits for anything else while holding that row.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.models import Message, User
from payments.document_content import (
    credit_note_content,
    receipt_content,
    taken_back_content,
)
from payments.models import Document, LegalEntity, Order, RefundRequest

Kind = Document.Kind
AT_ONCE = 500  # documents a run of the job gives out


class DocumentError(Exception):
    """A document that cannot be given out; says why."""


def selling_entity(order: Order | None = None) -> LegalEntity:
    """Who sold the order, else who sells: made from the settings when nobody has said yet."""
    if order is not None and order.sold_by is not None:
        return order.sold_by
    entities = LegalEntity.objects.order_by("-is_default", "pk")
    return entities.first() or _entity_of_the_settings()


def _entity_of_the_settings() -> LegalEntity:
    """The practice as its pages name it; of two who make it at once, both get the first one."""
    practice = settings.PRACTICE
    entity, _made = LegalEntity.objects.get_or_create(
        code="practice",
        defaults={
            "name": practice["name"],
            "address": "\n".join(practice["address_lines"]),
            "email": practice["email"],
            "is_default": True,
        },
    )
    return entity


@transaction.atomic
def issue_receipt(
    *, order: Order, at: datetime, by: User | None = None, tell: bool = True
) -> Document:
    """The receipt of a paid order: given out at the first call, returned by every other.

    It keeps what is true now, whatever is renamed later. With ``tell`` the buyer is owed it
    by mail, once.

    Raises:
        DocumentError: the order is not paid.
    """
    if order.paid_at is None:
        raise DocumentError(_("There is no receipt before the payment."))
    if given := receipt_of(order):
        return given
    entity = _locked(selling_entity(order))
    if given := receipt_of(order):  # somebody else was here while we waited
        return given
    number = _next_number(entity, Kind.RECEIPT)
    content = receipt_content(order=order, entity=entity, number=number, at=at)
    document = _kept(entity, Kind.RECEIPT, number, order, content, at, by)
    if tell:
        _owe(document, at=at)
    return document


@transaction.atomic
def issue_credit_note(
    *, request: RefundRequest, at: datetime, by: User | None = None, tell: bool = True
) -> Document:
    """The credit note of a refund that was paid back: once, correcting the order's receipt.

    Raises:
        DocumentError: nothing has been paid back.
    """
    if request.status != RefundRequest.Status.SUCCEEDED:
        raise DocumentError(_("There is no credit note before the money is paid back."))
    if given := _credit_note_of(request):
        return given
    receipt = issue_receipt(order=request.order, at=at, by=by, tell=False)
    entity = _locked(receipt.entity)
    if given := _credit_note_of(request):
        return given
    number = _next_number(entity, Kind.CREDIT_NOTE)
    content = credit_note_content(
        request=request, receipt=receipt, entity=entity, number=number, at=at
    )
    document = _kept(
        entity,
        Kind.CREDIT_NOTE,
        number,
        request.order,
        content,
        at,
        by,
        refund_request=request,
        corrects=receipt,
    )
    if tell:
        _owe(document, at=at)
    return document


def receipt_of(order: Order) -> Document | None:
    """The receipt that was given out for an order, if any."""
    found = Document.objects.of_order(order).filter(kind=Kind.RECEIPT)
    receipt: Document | None = found.select_related("entity").first()
    return receipt


def refund_was_settled(*, request: RefundRequest, at: datetime, **_: object) -> None:
    """The receiver of ``payments.signals.refund_settled``: a failed one gets no credit note."""
    if request.status == RefundRequest.Status.SUCCEEDED:
        issue_credit_note(request=request, at=at)


def refund_came_back(*, request: RefundRequest, at: datetime, **_: object) -> None:
    """The receiver of ``payments.signals.refund_failed``: one that had been paid back, and was not.

    Its credit note stays as it was given out; another one takes it back, once.
    """
    note = _credit_note_of(request)
    if note is not None and not note.corrected_by.exists():
        _take_back(note, at=at)


@transaction.atomic
def _take_back(note: Document, *, at: datetime) -> None:
    entity = _locked(note.entity)
    if note.corrected_by.exists():
        return
    number = _next_number(entity, Kind.CREDIT_NOTE)
    content = taken_back_content(note=note, entity=entity, number=number, at=at)
    again = _kept(entity, Kind.CREDIT_NOTE, number, note.order, content, at, None, corrects=note)
    _owe(again, at=at)


def issue_missing(*, at: datetime) -> int:
    """The job: documents for what was paid or paid back before there were any; how many.

    The oldest first, so that numbers follow time. Nobody is written to about old purchases.
    """
    orders = Order.objects.paid().exclude(documents__kind=Kind.RECEIPT)
    late = list(orders.order_by("paid_at", "pk")[:AT_ONCE])
    for order in late:
        issue_receipt(order=order, at=at, tell=False)
    refunds = RefundRequest.objects.filter(
        status=RefundRequest.Status.SUCCEEDED, credit_note=None
    ).select_related("order")
    paid_back = list(refunds.order_by("settled_at", "pk")[:AT_ONCE])
    for request in paid_back:
        issue_credit_note(request=request, at=at, tell=False)
    return len(late) + len(paid_back)


def send_again(*, document: Document, by: User, at: datetime) -> Message:
    """Owe the buyer the document by mail once more; a second click in the same minute is one."""
    return _owe(document, at=at, again=f"{by.pk}:{at:%Y-%m-%dT%H:%M}")


def _locked(entity: LegalEntity) -> LegalEntity:
    return LegalEntity.objects.select_for_update().get(pk=entity.pk)


def _next_number(entity: LegalEntity, kind: str) -> int:
    """The one after the last. The database refuses any other."""
    given = Document.objects.filter(entity=entity, kind=kind)
    return 1 + (given.aggregate(last=Max("number"))["last"] or 0)


def _credit_note_of(request: RefundRequest) -> Document | None:
    return Document.objects.filter(refund_request=request).select_related("entity").first()


def _kept(
    entity: LegalEntity,
    kind: str,
    number: int,
    order: Order,
    content: dict[str, Any],
    at: datetime,
    by: User | None,
    **links: Any,
) -> Document:
    return Document.objects.create(
        entity=entity,
        kind=kind,
        number=number,
        order=order,
        total_minor=content["total_minor"],
        tax_minor=content["tax_minor"],
        currency=content["currency"],
        content=content,
        issued_at=at,
        issued_by=by,
        **links,
    )


def _owe(document: Document, *, at: datetime, again: str = "") -> Message:
    buyer = document.order.buyer
    return outbox.enqueue(
        kind=document.kind,
        about=str(document.pk),
        to=buyer.email,
        user=buyer,
        dedupe_key=f"document:{document.pk}:{again}" if again else f"document:{document.pk}",
        at=at,
    )
