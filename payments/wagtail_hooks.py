"""Setting up what is sold, in the Wagtail admin under "Practice"; and looking at what was."""

from typing import Any, ClassVar

from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, Panel
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from payments.admin_withdrawing import WithdrawingEditView
from payments.models import (
    BookRules,
    LegalEntity,
    Order,
    Package,
    Policy,
    PromotionCode,
    RefundLimit,
    Service,
    ServiceVariant,
    StripeEvent,
)


class KeptForever(ModelPermissionPolicy):
    """What was ever sold stays: it is switched off, not deleted."""

    refused: ClassVar[frozenset[str]] = frozenset({"delete"})

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action not in self.refused and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_permission(user, action)


class OnlyLookedAt(KeptForever):
    """What happened is not edited by hand."""

    refused = frozenset({"add", "change", "delete"})


for kept in (Service, ServiceVariant, Package, Policy, PromotionCode, LegalEntity, BookRules):
    register_permission_policy(kept, KeptForever(kept))
for looked_at in (Order, StripeEvent):
    register_permission_policy(looked_at, OnlyLookedAt(looked_at))

PRICE: list[Panel] = [
    FieldRowPanel([FieldPanel("price_minor"), FieldPanel("currency"), FieldPanel("tax_rate_bp")])
]


class ServiceViewSet(ModelViewSet):
    model = Service
    edit_view_class = WithdrawingEditView
    icon = "pick"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["name", "code", "is_active"]
    panels: ClassVar[list[Panel]] = [
        FieldPanel("name"),
        FieldPanel("code"),
        FieldPanel("summary"),
        FieldPanel("position"),
        FieldPanel("is_active"),
    ]


class VariantViewSet(ModelViewSet):
    model = ServiceVariant
    edit_view_class = WithdrawingEditView
    icon = "time"
    menu_label = "Lengths and prices"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["name", "code", "price_minor", "currency", "is_active"]
    list_filter: ClassVar[list[str]] = ["service", "is_active"]
    panels: ClassVar[list[Panel]] = [
        FieldPanel("service"),
        FieldPanel("code"),
        MultiFieldPanel(PRICE, heading="Price, tax included"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("duration_minutes"), FieldPanel("turnaround_minutes")]),
                FieldPanel("increment_minutes"),
            ],
            heading="Time",
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("notice_minutes"), FieldPanel("same_day")]),
                FieldPanel("horizon_days"),
                FieldRowPanel([FieldPanel("bookable_from"), FieldPanel("bookable_until")]),
                FieldPanel("audience"),
            ],
            heading="Who may book it online, and when",
            help_text="Staff are not bound by these.",
        ),
        FieldRowPanel([FieldPanel("is_active"), FieldPanel("is_bookable_online")]),
    ]


class PackageViewSet(ModelViewSet):
    model = Package
    edit_view_class = WithdrawingEditView
    icon = "tag"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["name", "code", "units", "price_minor", "is_active"]
    list_filter: ClassVar[list[str]] = ["visibility", "is_active"]
    panels: ClassVar[list[Panel]] = [
        FieldPanel("name"),
        FieldPanel("code"),
        FieldRowPanel([FieldPanel("units"), FieldPanel("validity_days"), FieldPanel("valid_from")]),
        MultiFieldPanel(PRICE, heading="Price of the whole package, tax included"),
        FieldPanel("variants"),
        FieldPanel("policy"),
        FieldRowPanel([FieldPanel("on_sale_from"), FieldPanel("on_sale_until")]),
        FieldRowPanel([FieldPanel("most_per_person"), FieldPanel("is_introductory")]),
        FieldPanel("visibility"),
        FieldPanel("sold_by"),
        FieldPanel("position"),
        FieldPanel("is_active"),
    ]


class PromotionViewSet(ModelViewSet):
    model = PromotionCode
    icon = "tag"
    menu_label = "Promotion codes"
    add_to_reference_index = False
    copy_view_enabled = False
    list_display: ClassVar[list[str]] = ["code", "share_bp", "amount_minor", "is_active"]
    list_filter: ClassVar[list[str]] = ["is_active"]
    search_fields: ClassVar[list[str]] = ["code"]
    panels: ClassVar[list[Panel]] = [
        FieldPanel("code"),
        MultiFieldPanel(
            [
                FieldPanel("share_bp"),
                FieldRowPanel([FieldPanel("amount_minor"), FieldPanel("currency")]),
            ],
            heading="What it takes off: a share or an amount",
        ),
        FieldPanel("packages"),
        FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_until")]),
        FieldRowPanel([FieldPanel("most_uses"), FieldPanel("most_per_person")]),
        FieldPanel("is_active"),
    ]


class EntityViewSet(ModelViewSet):
    model = LegalEntity
    icon = "home"
    menu_label = "Who sells"
    add_to_reference_index = False
    copy_view_enabled = False
    list_display: ClassVar[list[str]] = ["name", "code", "tax_number", "is_default"]
    panels: ClassVar[list[Panel]] = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("code")]),
        FieldPanel("address"),
        FieldRowPanel([FieldPanel("email"), FieldPanel("tax_number")]),
        FieldRowPanel([FieldPanel("receipt_prefix"), FieldPanel("credit_note_prefix")]),
        FieldPanel("is_default"),
    ]


class BookRulesViewSet(ModelViewSet):
    model = BookRules
    icon = "doc-full-inverse"
    menu_label = "Rules of the books"
    add_to_reference_index = False
    copy_view_enabled = False
    list_display: ClassVar[list[str]] = ["__str__", "tax_timing", "breakage"]
    panels: ClassVar[list[Panel]] = [
        MultiFieldPanel(
            [FieldPanel("tax_timing"), FieldPanel("breakage")],
            heading="Decided with the accountant",
            help_text="What was sold before keeps the rule it was sold under.",
        ),
    ]


class PolicyViewSet(ModelViewSet):
    model = Policy
    icon = "doc-full"
    menu_label = "Terms"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["code", "version", "effective_from"]
    panels: ClassVar[list[Panel]] = [
        FieldRowPanel([FieldPanel("code"), FieldPanel("version")]),
        FieldPanel("effective_from"),
        FieldPanel("summary"),
        MultiFieldPanel(
            [
                FieldRowPanel(
                    [FieldPanel("cancel_window_minutes"), FieldPanel("move_window_minutes")]
                ),
                FieldRowPanel([FieldPanel("max_moves"), FieldPanel("grace_minutes")]),
                FieldRowPanel([FieldPanel("refund_rule"), FieldPanel("expiry_rule")]),
            ],
            heading="Rules",
        ),
    ]


class RefundLimitViewSet(ModelViewSet):
    model = RefundLimit
    icon = "lock"
    menu_label = "Refund limits"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["role", "most_minor"]
    panels: ClassVar[list[Panel]] = [FieldPanel("role"), FieldPanel("most_minor")]


class OrderViewSet(ModelViewSet):
    model = Order
    icon = "list-ul"
    add_to_reference_index = False
    inspect_view_enabled = True
    copy_view_enabled = False
    list_display: ClassVar[list[str]] = ["number", "buyer", "total_minor", "status", "placed_at"]
    list_filter: ClassVar[list[str]] = ["status"]
    search_fields: ClassVar[list[str]] = ["number", "buyer__email", "buyer__name"]
    form_fields: ClassVar[list[str]] = ["status"]


class EventViewSet(ModelViewSet):
    model = StripeEvent
    icon = "mail"
    menu_label = "Stripe events"
    add_to_reference_index = False
    inspect_view_enabled = True
    # The whole event may name the payer: staff who need it read it at Stripe.
    inspect_view_fields_exclude: ClassVar[list[str]] = ["payload"]
    copy_view_enabled = False
    list_display: ClassVar[list[str]] = ["id", "type", "status", "attempts", "received_at"]
    list_filter: ClassVar[list[str]] = ["status", "type"]
    search_fields: ClassVar[list[str]] = ["id", "type"]
    form_fields: ClassVar[list[str]] = ["status"]


class PracticeGroup(ViewSetGroup):
    menu_label = "Practice"
    menu_icon = "tag"
    menu_order = 205
    items = (
        ServiceViewSet("practice_services"),
        VariantViewSet("practice_lengths"),
        PackageViewSet("practice_packages"),
        PromotionViewSet("practice_codes"),
        PolicyViewSet("practice_terms"),
        EntityViewSet("practice_entities"),
        BookRulesViewSet("practice_rules"),
        RefundLimitViewSet("practice_refund_limits"),
        OrderViewSet("practice_orders"),
        EventViewSet("practice_events"),
    )


@hooks.register("register_admin_viewset")
def register_practice() -> PracticeGroup:
    return PracticeGroup()
