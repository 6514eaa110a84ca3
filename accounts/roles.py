"""Who may do what: roles are groups, and what a role may do is written here.

Editors and Moderators are Wagtail's own groups. Most permissions belong to the apps above and
are named by their dotted paths; they are handed out once those apps have them. See
docs/permissions.md.
"""

from typing import Any, Final

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db.models import Q

from accounts.models import User, UserQuerySet

RUN_DAY: Final = "scheduling.run_day"
WORK_OWN_DAY: Final = "scheduling.work_own_day"
RECONCILE: Final = "payments.reconcile"
TAKE_PAYMENTS: Final = "payments.take_payments"
REFUND: Final = "payments.refund_orders"
ADJUST_CREDITS: Final = "payments.adjust_credits"
CLOSE_PERIODS: Final = "payments.close_periods"
VIEW_CLIENTS: Final = "accounts.view_clients"
MANAGE_CLIENTS: Final = "accounts.manage_clients"
READ_EVERY_NOTE: Final = "accounts.read_every_note"
MERGE_CLIENTS: Final = "accounts.merge_clients"
READ_HEALTH: Final = "accounts.read_health"
READ_AUDIT: Final = "accounts.read_audit"
EXPORT_PERSON: Final = "accounts.export_person"
ERASE_PERSON: Final = "accounts.erase_person"
LET_BOOK_AGAIN: Final = "accounts.let_book_again"

FRONT_DESK: Final = "Front desk"
THERAPISTS: Final = "Therapists"
BOOKKEEPERS: Final = "Bookkeepers"
MANAGERS: Final = "Managers"
OWNERS: Final = "Owners"


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
    *_each("accounts", ("intakeform",), ("add", "change", "delete", "view")),
)

# Whoever decides who works here and what they may do. Nobody is deleted: people leave by being
# made inactive, and are forgotten by erasure.
_PEOPLE: Final = (
    *_each("accounts", ("user",), ("add", "change", "view")),
    *_each("auth", ("group",), ("add", "change", "view")),
)
_MANAGED: Final = (
    RUN_DAY,
    RECONCILE,
    TAKE_PAYMENTS,
    REFUND,
    ADJUST_CREDITS,
    CLOSE_PERIODS,
    VIEW_CLIENTS,
    MANAGE_CLIENTS,
    READ_EVERY_NOTE,
    MERGE_CLIENTS,
    READ_AUDIT,
    LET_BOOK_AGAIN,
    EXPORT_PERSON,
    ERASE_PERSON,
    *SET_UP,
)

# A therapist's permissions reach her own sessions and clients: scheduling/seeing.py.
MAY: Final[dict[str, tuple[str, ...]]] = {
    FRONT_DESK: (RUN_DAY, TAKE_PAYMENTS, REFUND, VIEW_CLIENTS, MANAGE_CLIENTS),
    THERAPISTS: (WORK_OWN_DAY, READ_HEALTH, LET_BOOK_AGAIN),
    BOOKKEEPERS: (RECONCILE, REFUND, CLOSE_PERIODS, VIEW_CLIENTS),
    MANAGERS: _MANAGED,
    OWNERS: (*_MANAGED, READ_HEALTH, *_PEOPLE),
}

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


def in_charge() -> UserQuerySet:
    """Who hears of it when something is wrong with the portal itself."""
    answering = Q(groups__name__in=(MANAGERS, OWNERS)) | Q(is_superuser=True)
    people: UserQuerySet = User.objects.filter(answering, is_active=True).distinct()
    return people


def hand_out(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """After a migration of an app: each role may do in it what is written here, and no more.

    Not a data migration: those run before the permissions of the apps above exist. What a
    practice adds to one of these groups by hand is taken back, so its own wishes belong in a
    group of its own.
    """
    has = Group.permissions.through.objects.using(using).filter(
        group__name__in=MAY, permission__content_type__app_label=sender.label
    )
    wanted = {role: _codenames(may, sender.label) for role, may in MAY.items()}
    if not any(wanted.values()):
        has.delete()
        return
    create_permissions(sender, verbosity=0, using=using)
    for role, codenames in wanted.items():
        group, _ = Group.objects.using(using).get_or_create(name=role)
        has.filter(group=group).exclude(permission__codename__in=codenames).delete()
        group.permissions.add(
            *Permission.objects.using(using).filter(
                content_type__app_label=sender.label, codename__in=codenames
            )
        )


def _codenames(permissions: tuple[str, ...], app: str) -> list[str]:
    return [name.partition(".")[2] for name in permissions if name.startswith(f"{app}.")]
