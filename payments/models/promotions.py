"""What makes a purchase cheaper, for whom, how often; and who has had it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from payments.models.catalogue import Package
from payments.money import currency_field


class PromotionCode(models.Model):
    """A word that takes a share or an amount off."""

    code = models.CharField(
        max_length=40, unique=True, help_text="Kept in capitals: people may type it either way."
    )
    share_bp = models.PositiveSmallIntegerField(
        "share off",
        default=0,
        validators=[MaxValueValidator(10_000)],
        help_text="In hundredths of a per cent: 1000 is 10 %.",
    )
    amount_minor = models.BigIntegerField(
        "amount off", default=0, help_text="In the smallest unit: 500 is £5.00."
    )
    currency = currency_field()
    packages = models.ManyToManyField(
        Package, blank=True, related_name="promotions", help_text="None chosen: all of them."
    )
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    most_uses = models.PositiveIntegerField(
        null=True, blank=True, help_text="By everybody together. Empty: no limit."
    )
    most_per_person = models.PositiveSmallIntegerField(
        null=True, blank=True, default=1, help_text="Empty: no limit."
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(share_bp__gt=0, share_bp__lte=10_000, amount_minor=0)
                | Q(share_bp=0, amount_minor__gt=0),
                name="promotion_takes_share_or_amount",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gt=F("valid_from")),
                name="promotion_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_limited(self) -> bool:
        """Whether somebody may find it used up."""
        return self.most_uses is not None or self.most_per_person is not None

    def clean(self) -> None:
        self.code = "".join(self.code.split()).upper()
        if bool(self.share_bp) == bool(self.amount_minor):
            raise ValidationError(_("Give a share off or an amount off, one of the two."))


class PromotionUse(models.Model):
    """An order that a code made cheaper. Given free again when the order is given up."""

    promotion = models.ForeignKey(PromotionCode, on_delete=models.PROTECT, related_name="uses")
    order = models.OneToOneField(
        "payments.Order", on_delete=models.PROTECT, related_name="promotion_use"
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField()

    class Meta:
        ordering = ["used_at"]

    def __str__(self) -> str:
        return f"{self.promotion} for order {self.order_id}"


class IntroductoryPurchase(models.Model):
    """The one introductory offer somebody has bought: once a person, said by the database."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="introductory_purchase"
    )
    order = models.OneToOneField(
        "payments.Order", on_delete=models.PROTECT, related_name="introductory_purchase"
    )
    bought_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"order {self.order_id}"
