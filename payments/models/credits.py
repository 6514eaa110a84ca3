"""Credits: what a runner owns, and every movement of it. There is no balance column.

A lot's units live in buckets; an entry moves units from one bucket to another. So the sum over
the buckets is what was issued, by shape; a trigger on both engines keeps each from going below
zero and refuses any change to an entry once written.
"""

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Sum, When
from django.db.models.functions import Coalesce

from payments.models.catalogue import Package, Policy, ServiceVariant
from payments.models.orders import OrderLine
from payments.money import currency_field

if TYPE_CHECKING:
    from accounts.models import User


class Bucket(models.TextChoices):
    """Where units can be. Issued is where they come from, not a place to keep them."""

    ISSUED = "issued", "Issued"
    AVAILABLE = "available", "Available"
    RESERVED = "reserved", "Reserved"
    USED = "used", "Used"
    EXPIRED = "expired", "Expired"
    REFUNDED = "refunded", "Refunded"
    TRANSFERRED = "transferred", "Transferred"


OWED = (Bucket.AVAILABLE, Bucket.RESERVED)  # what the practice still owes the runner
BEGINS = "begin:"  # how the source of an entry starts that the first session caused
SPENT = (Bucket.USED, Bucket.EXPIRED, Bucket.REFUNDED, Bucket.TRANSFERRED)


def _units_in(bucket: str) -> Coalesce:
    entering = When(entries__to_bucket=bucket, then=F("entries__units"))
    leaving = When(entries__from_bucket=bucket, then=-F("entries__units"))
    # An entry within one bucket (an extension) moves nothing.
    staying = When(entries__to_bucket=F("entries__from_bucket"), then=0)
    moved = Case(staying, entering, leaving, default=0, output_field=models.IntegerField())
    return Coalesce(Sum(moved), 0, output_field=models.IntegerField())


class LotQuerySet(models.QuerySet["CreditLot"]):
    def of(self, owner: "User") -> Self:
        return self.filter(owner=owner)

    def covering(self, variant: ServiceVariant) -> Self:
        through = CreditLot.variants.through.objects.filter(servicevariant_id=variant.pk)
        return self.filter(pk__in=through.values("creditlot_id"))

    def usable_on(self, day: date, *, booked_on: date) -> Self:
        """A session that starts on `day` and is booked on `booked_on` may be paid from these."""
        start_by = Q(policy__expiry_rule=Policy.ExpiryRule.START_BY, expires_on__gte=day)
        book_by = Q(
            policy__expiry_rule=Policy.ExpiryRule.BOOK_BY, expires_on__gte=min(day, booked_on)
        )
        return self.active().filter(start_by | book_by, starts_on__lte=day)

    def over_by(self, day: date) -> Self:
        """Those whose last day is over on `day`."""
        return self.filter(expires_on__lt=day)

    def active(self) -> Self:
        return self.filter(status=CreditLot.Status.ACTIVE)

    def with_balances(self) -> Self:
        """Adds `available`, `reserved`, `used`, `expired`, `refunded`, `transferred`, in units."""
        buckets = [bucket for bucket in Bucket if bucket != Bucket.ISSUED]
        return self.annotate(**{str(bucket.value): _units_in(bucket.value) for bucket in buckets})

    def with_available(self) -> Self:
        return self.with_balances().filter(available__gt=0)

    def with_waiting(self) -> Self:
        """Adds `waits`: its time counts from the first session, and there was none yet (P5)."""
        first = Package.ValidFrom.FIRST_SESSION
        begun = CreditEntry.objects.filter(
            Q(lot=OuterRef("pk")) | Q(lot=OuterRef("transferred_from")),
            kind=CreditEntry.Kind.EXTEND,
            source__startswith=BEGINS,
        )
        sold_so = Q(order_line__valid_from=first) | Q(
            transferred_from__order_line__valid_from=first
        )
        return self.annotate(waits=Case(When(sold_so & ~Exists(begun), then=True), default=False))

    def fifo(self) -> Self:
        """The order in which credits are spent: earliest end, earliest bought, first made."""
        return self.order_by("expires_on", "granted_at", "pk")


class CreditLot(models.Model):
    """Units a runner owns because of an order, or of goodwill."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        FROZEN = "frozen", "Frozen"

    class FrozenFor(models.TextChoices):
        NOTHING = "", "Not frozen"
        PAUSE = "pause", "A pause the runner asked for"
        GIFT = "gift", "A gift nobody has claimed yet"
        DISPUTE = "dispute", "A disputed payment"
        REVIEW = "review", "A payment under review"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order_line = models.OneToOneField(
        OrderLine, null=True, blank=True, on_delete=models.PROTECT, related_name="lot"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="credit_lots"
    )
    name = models.CharField(max_length=120)
    units = models.PositiveSmallIntegerField()
    unit_values = models.JSONField(help_text="What each unit is worth without tax, larger first.")
    tax_minor = models.BigIntegerField(default=0, help_text="The tax on the whole lot when sold.")
    transferred_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="transferred_to"
    )
    currency = currency_field()
    starts_on = models.DateField()
    expires_on = models.DateField(help_text="The last day on which a session may start.")
    granted_at = models.DateTimeField()
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="lots")
    is_goodwill = models.BooleanField(default=False)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.ACTIVE)
    frozen_for = models.CharField(
        max_length=7, choices=FrozenFor.choices, default=FrozenFor.NOTHING, blank=True
    )
    frozen_on = models.DateField(null=True, blank=True)
    variants = models.ManyToManyField(ServiceVariant, related_name="lots")

    objects = LotQuerySet.as_manager()

    class Meta:
        ordering = ["expires_on", "granted_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(units__gt=0), name="lot_has_units"),
            models.CheckConstraint(
                condition=Q(is_goodwill=True, order_line=None)
                | Q(is_goodwill=False, order_line__isnull=False, transferred_from=None)
                | Q(is_goodwill=False, order_line=None, transferred_from__isnull=False),
                name="lot_bought_or_goodwill",
            ),
            models.CheckConstraint(
                condition=Q(status="active", frozen_for="", frozen_on=None)
                | Q(status="frozen", frozen_on__isnull=False)
                & Q(frozen_for__in=["pause", "gift", "dispute", "review"]),
                name="lot_frozen_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gte=F("starts_on")), name="lot_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["active", "frozen"]), name="lot_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "expires_on"], name="lot_by_owner"),
            models.Index(fields=["expires_on"], name="lot_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.public_id})"

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def books_by(self) -> bool:
        """Booked by the last day is enough; else the session starts by then (P4)."""
        return self.policy.expiry_rule == Policy.ExpiryRule.BOOK_BY

    def last_session_on(self, *, booked_on: date) -> date:
        """The last day of a session that is booked on `booked_on`; without end: `date.max`."""
        if self.books_by and booked_on <= self.expires_on:
            return date.max
        return self.expires_on

    def pays_for(self, day: date, *, booked_on: date) -> bool:
        """Whether its days allow a session on `day`, as `usable_on` decides for many."""
        return self.starts_on <= day <= self.last_session_on(booked_on=booked_on)

    @property
    def value_minor(self) -> int:
        """What the whole lot was worth when sold, without tax."""
        return sum(self.unit_values)

    @property
    def bought_line(self) -> OrderLine | None:
        """The line it was bought with, by whoever owned it first; none if it was given by us."""
        lot = self
        while lot.transferred_from is not None:
            lot = lot.transferred_from
        return lot.order_line


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Refuses what the database would refuse too, with a sentence instead of an SQL error."""

    def update(self, **values: Any) -> int:
        raise AppendOnlyError(self.model._meta.verbose_name)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(self.model._meta.verbose_name)


class AppendOnlyError(Exception):
    """A ledger entry is never edited; a mistake is corrected by a further entry."""


class EntryQuerySet(AppendOnlyQuerySet):
    def of_booking(self, booking_id: uuid.UUID) -> Self:
        return self.filter(booking_id=booking_id)


class CreditEntry(models.Model):
    """One movement of units of a lot between two buckets. Append-only."""

    class Kind(models.TextChoices):
        PURCHASE = "purchase", "Bought"
        RESERVE = "reserve", "Booked"
        RELEASE = "release", "Returned"
        USE = "use", "Used"
        EXPIRE = "expire", "Expired"
        REFUND = "refund", "Refunded"
        EXTEND = "extend", "Extended"
        GOODWILL = "goodwill", "Given"
        TRANSFER = "transfer", "Transferred"
        FREEZE = "freeze", "Frozen"
        THAW = "thaw", "Free again"
        REVERSE = "reverse", "Reversed"

    lot = models.ForeignKey(CreditLot, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    units = models.PositiveSmallIntegerField()
    from_bucket = models.CharField(max_length=11, choices=Bucket.choices)
    to_bucket = models.CharField(max_length=11, choices=Bucket.choices)
    value_minor = models.BigIntegerField(
        default=0, help_text="What came to be owed, or ceased to be, without tax."
    )
    tax_minor = models.BigIntegerField(default=0, help_text="The tax that goes with it.")
    expires_on_before = models.DateField(null=True, blank=True)
    expires_on_after = models.DateField(null=True, blank=True)
    booking_id = models.UUIDField(null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.CharField(max_length=200, blank=True)
    effective_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    occurred_at = models.DateTimeField(
        null=True, blank=True, help_text="When it happened, if the books of that day were closed."
    )
    reverses = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    source = models.CharField(max_length=120, unique=True, help_text="Each cause moves once.")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "credit entry"
        verbose_name_plural = "credit entries"
        permissions = [("adjust_credits", "Can give, extend, freeze and transfer credits")]
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gt=0) | Q(kind__in=["extend", "freeze", "thaw"]),
                name="entry_moves_units",
            ),
            models.CheckConstraint(
                condition=Q(value_minor__gte=0, tax_minor__gte=0), name="entry_value_positive"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["purchase", "goodwill", "transfer"], from_bucket="issued")
                & Q(to_bucket="available")
                | Q(kind="reserve", from_bucket="available", to_bucket="reserved")
                | Q(kind="release", from_bucket="reserved", to_bucket="available")
                | Q(kind="use", from_bucket="reserved", to_bucket="used")
                | Q(kind="expire", from_bucket="available", to_bucket="expired")
                | Q(kind="refund", from_bucket="available", to_bucket="refunded")
                | Q(kind="extend", from_bucket__in=["available", "expired"])
                & Q(to_bucket="available")
                | Q(kind="transfer", from_bucket="available", to_bucket="transferred")
                | Q(kind__in=["freeze", "thaw"], from_bucket="available", to_bucket="available")
                | Q(kind="reverse", reverses__isnull=False) & ~Q(from_bucket=F("to_bucket")),
                name="entry_way_follows_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["reserve", "release", "use"]) | Q(booking_id__isnull=False),
                name="entry_of_session_has_booking",
            ),
        ]
        indexes = [
            models.Index(fields=["booking_id", "id"], name="entry_by_booking"),
            models.Index(fields=["lot", "id"], name="entry_by_lot"),
            models.Index(fields=["posted_at"], name="entry_by_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.units} of lot {self.lot_id}"
