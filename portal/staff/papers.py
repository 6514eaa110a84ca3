"""The list of receipts and credit notes, as the desk and the bookkeeper look through them."""

from collections.abc import Iterable

from django.db.models import Q

from payments.days import practice_zone
from payments.models import Document
from payments.models.documents import DocumentQuerySet
from portal.staff.asking import address
from portal.staff.runners import runner_url
from portal.staff.tables import Cell, Column, Table, amount, moment, words

COLUMNS = (
    Column("Number", whole=True),
    Column("Kind"),
    Column("Given out"),
    Column("Order"),
    Column("For"),
    Column("Total", numeric=True),
    Column("Tax inside", numeric=True),
    Column("Currency"),
)


def found_documents(query: str, kind: str) -> DocumentQuerySet:
    """Those of a kind whose number, order or buyer contains `query`, the latest first."""
    documents = Document.objects.select_related("order__buyer", "entity")
    if kind in Document.Kind.values:
        documents = documents.filter(kind=kind)
    if query:
        buyer = Q(order__buyer__name__icontains=query) | Q(order__buyer__email__icontains=query)
        numbers = Q(order__number__icontains=query) | Q(content__number__iexact=query)
        documents = documents.filter(buyer | numbers)
    return documents


def documents_table(documents: Iterable[Document]) -> Table:
    rows = [
        (
            words(one.label, address("document", one.pk)),
            words(one.get_kind_display()),
            moment(one.issued_at, practice_zone()),
            words(one.order.number),
            words(one.order.buyer, runner_url(one.order.buyer)),
            _signed(one, one.total_minor),
            _signed(one, one.tax_minor),
            words(one.currency),
        )
        for one in documents
    ]
    return Table("Receipts and credit notes, newest first", COLUMNS, rows, empty="None found.")


def _signed(one: Document, minor: int) -> Cell:
    """What a credit note says counts the other way."""
    return amount(-minor if one.kind == Document.Kind.CREDIT_NOTE else minor, one.currency)
