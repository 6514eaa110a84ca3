"""The catalogue: what is done, at which price, sold in which packages, under which terms."""

from datetime import date, datetime
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from payments.models.documents import LegalEntity
from payments.money import can_be_charged, charge_step, currency_field, price_field
from payments.typed_values import require_true


class PolicyQuerySet(models.QuerySet["Policy"]):
    def current(self, on: date) -> Self:
        """Versions in effect on a day, the newest first."""
        return self.filter(effective_from__lte=on).order_by("-effective_from", "-version")

    def of_code(self, code: "str | OuterRef") -> Self:
        return self.filter(code=code)


class Policy(models.Model):
    """One version of the terms. Orders and bookings keep the version they agreed to."""

    class RefundRule(models.TextChoices):
        PRO_RATA = "pro_rata", "Unused sessions at the price paid for each"
        SINGLE_PRICE = "single_price", "What was paid less used sessions at the single price"
        NONE = "none", "No refunds"

    class ExpiryRule(models.TextChoices):
        START_BY = "start_by", "The session must start on or before the last day"
        BOOK_BY = "book_by", "The session must be booked on or before the last day"

    code = models.SlugField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    cancel_window_minutes = models.PositiveIntegerField(default=1440)
    move_window_minutes = models.PositiveIntegerField(default=1440)
    max_moves = models.PositiveSmallIntegerField(default=3)
    grace_minutes = models.PositiveSmallIntegerField(default=5)
    refund_rule = models.CharField(
        max_length=16, choices=RefundRule.choices, default=RefundRule.PRO_RATA
    )
    expiry_rule = models.CharField(
        max_length=8, choices=ExpiryRule.choices, default=ExpiryRule.START_BY
    )
    summary = models.TextField(
        blank=True,
        help_text="The terms in plain words, with placeholders such as {{ cancel_window }} for "
        "the values below. Empty: written from them.",
    )
    effective_from = models.DateField()

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="policy_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    def clean(self) -> None:
        """Says in words what the database would refuse: terms in use stay as they are.

        The words of new ones may not type what a rule says."""
        before = Policy.objects.filter(pk=self.pk).first()
        names = [field.name for field in self._meta.concrete_fields]
        changed = before and any(getattr(before, name) != getattr(self, name) for name in names)
        if before and changed and before.is_in_use():
            raise ValidationError(_("These terms are in use. Copy them to a new version."))
        if not before or before.summary != self.summary:
            try:
                require_true(self.summary)
            except ValidationError as untrue:
                raise ValidationError({"summary": untrue.messages}) from untrue

    def is_in_use(self) -> bool:
        """Whether somebody has bought under these terms."""
        return self.orders.exists() or self.lots.exists()


class Service(models.Model):
    """A kind of treatment, whatever its length."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class VariantQuerySet(models.QuerySet["ServiceVariant"]):
    def on_offer(self) -> Self:
        return self.filter(is_active=True, service__is_active=True)

    def bookable_online(self) -> Self:
        return self.on_offer().filter(is_bookable_online=True)


class Audience(models.TextChoices):
    """Whom a session is for (E24): new is who has had no session here yet."""

    EVERYONE = "everyone", "everyone"
    NEW = "new", "new runners only"
    RETURNING = "returning", "only runners who have been here"


class ServiceVariant(models.Model):
    """A service at one length, price and tax rate (S1), with its own turnaround (S7, E4)."""

    Audience = Audience

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="variants")
    code = models.SlugField(max_length=60, unique=True, help_text="For instance sports-60.")
    duration_minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(5)])
    turnaround_minutes = models.PositiveSmallIntegerField(default=10)
    increment_minutes = models.PositiveSmallIntegerField(default=15)
    notice_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="How long before a start it can be booked online. Empty: as the location says.",
    )
    same_day = models.BooleanField(
        "same day online", default=True, help_text="Off: the day itself only by phone."
    )
    horizon_days = models.PositiveSmallIntegerField(default=60)
    bookable_from = models.DateField(
        "first day", null=True, blank=True, help_text="Sessions from this day on. Empty: any."
    )
    bookable_until = models.DateField(
        "last day", null=True, blank=True, help_text="Sessions up to this day. Empty: no end."
    )
    audience = models.CharField(
        "who may book it online",
        max_length=9,
        choices=Audience,
        default=Audience.EVERYONE,
        help_text="New is who has had no session here yet.",
    )
    price_minor = price_field()
    currency = currency_field()
    tax_rate_bp = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(10_000)],
        help_text="In hundredths of a per cent: 2000 is 20 %.",
    )
    is_active = models.BooleanField(default=True)
    is_bookable_online = models.BooleanField(default=True)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["service__position", "duration_minutes"]
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_minutes__gt=0, increment_minutes__gt=0),
                name="variant_takes_time",
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gte=0, tax_rate_bp__lte=10_000),
                name="variant_price_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(bookable_from=None)
                | Q(bookable_until=None)
                | Q(bookable_until__gte=F("bookable_from")),
                name="variant_last_day_after_first",
            ),
            models.CheckConstraint(
                condition=Q(audience__in=[str(one) for one in Audience]),
                name="variant_audience_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.bookable_from and self.bookable_until and self.bookable_until < self.bookable_from:
            raise ValidationError({"bookable_until": _("The last day is before the first.")})

    @property
    def name(self) -> str:
        return f"{self.service.name}, {self.duration_minutes} minutes"


class PackageQuerySet(models.QuerySet["Package"]):
    def on_sale(self, at: datetime) -> Self:
        started = Q(on_sale_from=None) | Q(on_sale_from__lte=at)
        not_over = Q(on_sale_until=None) | Q(on_sale_until__gt=at)
        return self.filter(started, not_over, is_active=True)

    def shown(self, at: datetime) -> Self:
        """On sale and for everybody's eyes; private ones need their link."""
        return self.on_sale(at).filter(visibility=Package.Visibility.PUBLIC)


class Package(models.Model):
    """So many sessions of the listed variants, sold together. A single session is one of one."""

    class Visibility(models.TextChoices):
        PUBLIC = "public", "Public"
        PRIVATE = "private", "Only with the link"
        HIDDEN = "hidden", "Not for sale online"

    class ValidFrom(models.TextChoices):
        PURCHASE = "purchase", "The day it is bought"
        FIRST_SESSION = "first_session", "The first session that was held"

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    units = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    price_minor = price_field()
    currency = currency_field()
    tax_rate_bp = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(10_000)]
    )
    validity_days = models.PositiveSmallIntegerField(default=365, validators=[MinValueValidator(1)])
    valid_from = models.CharField(
        "valid from", max_length=13, choices=ValidFrom.choices, default=ValidFrom.PURCHASE
    )
    most_per_person = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How often one person may buy it. Empty: no limit."
    )
    is_introductory = models.BooleanField(
        "introductory offer", default=False, help_text="Once per person, among all of them."
    )
    sold_by = models.ForeignKey(
        LegalEntity,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="packages",
        help_text="Whose receipts it goes on. Empty: the default one.",
    )
    variants = models.ManyToManyField(ServiceVariant, related_name="packages")
    visibility = models.CharField(
        max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    on_sale_from = models.DateTimeField(null=True, blank=True)
    on_sale_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="packages")

    objects = PackageQuerySet.as_manager()

    class Meta:
        ordering = ["position", "units", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gt=0, validity_days__gt=0), name="package_has_units"
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gte=0, tax_rate_bp__lte=10_000),
                name="package_price_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(on_sale_from=None)
                | Q(on_sale_until=None)
                | Q(on_sale_until__gt=F("on_sale_from")),
                name="package_sale_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.price_minor is not None and not can_be_charged(self.price_minor, self.currency):
            raise ValidationError(
                {
                    "price_minor": _("Cards are charged in steps of %(step)s in this currency.")
                    % {"step": charge_step(self.currency)}
                }
            )

    @property
    def buy_url(self) -> str:
        return reverse("payments:buy", args=[self.code])
