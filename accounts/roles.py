"""Who may do what: roles are groups, and what a role may do is written here.

Editors and Moderators are Wagtail's own groups. The permissions belong to the apps above and
are named by their dotted paths; they are handed out once those apps have them.
"""

from typing import Any, Final

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import AnonymousUser, Group, Permission

from accounts.models import User

RUN_DAY: Final = "scheduling.run_day"
RECONCILE: Final = "payments.reconcile"
TAKE_PAYMENTS: Final = "payments.take_payments"
REFUND: Final = "payments.refund_orders"
ADJUST_CREDITS: Final = "payments.adjust_credits"
CLOSE_PERIODS: Final = "payments.close_periods"

FRONT_DESK: Final = "Front desk"
THERAPISTS: Final = "Therapists"
BOOKKEEPERS: Final = "Bookkeepers"
MANAGERS: Final = "Managers"


def _each(app: str, models: tuple[str, ...], verbs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{app}.{verb}_{model}" for model in models for verb in verbs)


# What was sold stays, so nothing of the catalogue is deleted; the diary's rules may go.
SET_UP: Final = (
    "wagtailadmin.access_admin",
    *_each(
        "payments",
        (
            "service",
            "servicevariant",
            "package",
            "policy",
            "promotioncode",
            "legalentity",
            "bookrules",
        ),
        ("add", "change", "view"),
    ),
    *_each("payments", ("refundlimit",), ("add", "change", "delete", "view")),
    *_each("payments", ("order", "stripeevent"), ("view",)),
    *_each(
        "scheduling",
        ("therapist", "location", "room", "hoursexception", "closure", "timeoff", "busycalendar"),
        ("add", "change", "delete", "view"),
    ),
    *_each("cms", ("mailtext",), ("change", "view")),
    *_each("cms", ("webhookendpoint",), ("add", "change", "delete", "view")),
)

MAY: Final[dict[str, tuple[str, ...]]] = {
    FRONT_DESK: (RUN_DAY, TAKE_PAYMENTS, REFUND),
    THERAPISTS: (RUN_DAY,),
    BOOKKEEPERS: (RECONCILE, REFUND, CLOSE_PERIODS),
    MANAGERS: (
        RUN_DAY,
        RECONCILE,
        TAKE_PAYMENTS,
        REFUND,
        ADJUST_CREDITS,
        CLOSE_PERIODS,
        *SET_UP,
    ),
}
_OWNERS: Final = {permission.partition(".")[0] for may in MAY.values() for permission in may}

Visitor = User | AnonymousUser


def may(user: Visitor, permission: str) -> bool:
    """``permission`` as it is written here, by a role, by hand or as superuser."""
    return user.has_perm(permission)


def is_front_desk(user: Visitor) -> bool:
    """May run the day: see it, mark people arrived and sessions done."""
    return may(user, RUN_DAY)


def is_bookkeeper(user: Visitor) -> bool:
    """May open the books: reconciliation, payouts, mismatches."""
    return may(user, RECONCILE)


def hand_out(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """After a migration of an app that owns permissions: make the groups and fill them.

    Not a data migration: those run before the permissions of the apps above exist.
    """
    if sender.label not in _OWNERS:
        return
    create_permissions(sender, verbosity=0, using=using)
    for role, may in MAY.items():
        group, _ = Group.objects.using(using).get_or_create(name=role)
        codenames = [name.partition(".")[2] for name in may if name.startswith(f"{sender.label}.")]
        group.permissions.add(
            *Permission.objects.using(using).filter(
                content_type__app_label=sender.label, codename__in=codenames
            )
        )
