"""Receipts and credit notes by API: a runner's own, and the desk's list of all."""

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from accounts.roles import RECONCILE, REFUND, TAKE_PAYMENTS
from payments.api import orders
from payments.documents import send_again
from payments.models import Document, Order
from payments.receipts import on_paper
from portal.api.desk import require

router = Router(tags=["staff"], auth=signed_in)
MOST = 100


class PaperLineOut(Schema):
    what: str
    amount_minor: int


class PaperOut(Schema):
    """``kind`` is receipt or credit_note. As it was given out; it never changes."""

    id: int
    kind: str
    number: str
    on: date
    issued_at: AwareDatetime
    order: str
    seller_name: str
    seller_lines: list[str]
    buyer_name: str
    currency: str
    lines: list[PaperLineOut]
    tax_lines: list[str]
    tax_minor: int
    total_minor: int
    settled: str
    corrects: str


class MailOut(Schema):
    """Where it is on its way to."""

    to: str


@orders.get(
    "/{order_id}/documents/", response=list[PaperOut], operation_id="list_documents_of_order"
)
def list_of_order(request: HttpRequest, order_id: uuid.UUID) -> Any:
    """The receipt of an order of one's own, and the credit notes that correct it."""
    order = get_object_or_404(Order.objects.of(caller(request)), public_id=order_id)
    return [_shown(one) for one in Document.objects.of_order(order).order_by("pk")]


@router.get("/documents/", response=list[PaperOut], operation_id="list_documents")
def list_documents(request: HttpRequest, before: int | None = None, limit: int = 50) -> Any:
    """The latest first, those with an id below ``before``. ``limit`` is at most 100."""
    require(request, TAKE_PAYMENTS, RECONCILE, REFUND)
    found = Document.objects.order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    return [_shown(one) for one in found[: min(max(limit, 1), MOST)]]


@router.get("/documents/{document_id}/", response=PaperOut, operation_id="read_document")
def read_document(request: HttpRequest, document_id: int) -> Any:
    require(request, TAKE_PAYMENTS, RECONCILE, REFUND)
    return _shown(get_object_or_404(Document, pk=document_id))


@router.post("/documents/{document_id}/mail/", response=MailOut, operation_id="send_document_again")
def mail_document(request: HttpRequest, document_id: int) -> Any:
    """Send it to its buyer once more; twice in a minute is once."""
    require(request, TAKE_PAYMENTS, RECONCILE, REFUND)
    found = get_object_or_404(Document.objects.select_related("order__buyer"), pk=document_id)
    message = send_again(document=found, by=caller(request), at=timezone.now())
    return {"to": message.to_email}


def _shown(document: Document) -> dict[str, Any]:
    paper = on_paper(document)
    return {
        "id": document.pk,
        "kind": document.kind,
        "issued_at": document.issued_at,
        "tax_minor": document.tax_minor,
        **{
            name: getattr(paper, name)
            for name in (
                "number on order seller_name seller_lines buyer_name currency lines tax_lines"
                " total_minor settled corrects"
            ).split()
        },
    }
