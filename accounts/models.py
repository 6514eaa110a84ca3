"""People who sign in, and the messages that go out to them. See docs/accounts.md."""

# Wagtail's page managers are untyped, and pages point at users.
# mypy: disable-error-code="django-manager-missing"

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.addresses import as_stored
from accounts.holding_back import HeldBack


class UserQuerySet(models.QuerySet["User"]):
    def working_here(self) -> Self:
        """Who may do more than a runner: by a role, by hand, or as superuser; left or not."""
        return self.filter(
            Q(is_staff=True)
            | Q(is_superuser=True)
            | Exists(User.groups.through.objects.filter(user=OuterRef("pk")))
            | Exists(User.user_permissions.through.objects.filter(user=OuterRef("pk")))
        )

    def runners(self) -> Self:
        """Everybody else."""
        return self.exclude(pk__in=User.objects.working_here().values("pk"))

    def unproven(self) -> Self:
        """Joined by a form, and nobody ever showed that the address is theirs.

        Whoever was given a role or a password was added by a colleague and starts next week.
        """
        never = self.runners().filter(
            last_login=None,
            password__startswith=UNUSABLE_PASSWORD_PREFIX,
        )
        return never.exclude(emailaddress__verified=True)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes people; addresses are kept in lower case, so one mailbox is one person."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("A user needs an email address.")
        user = User(email=as_stored(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, HeldBack):
    """A person who signs in, by email. Roles are groups."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        permissions = [
            ("view_clients", "Can open every client's page"),
            ("manage_clients", "Can flag clients and write notes about them"),
            ("read_every_note", "Can read every note about clients"),
            ("merge_clients", "Can merge two clients that are one person"),
            ("read_health", "Can read health answers; a therapist those of own clients"),
            ("read_audit", "Can read the audit log"),
            ("export_person", "Can export everything about a person"),
            ("erase_person", "Can erase a person"),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_mailbox"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="email_in_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def first_name(self) -> str:
        """What we call her in a mail; Wagtail asks for it too."""
        return self.name.split(" ")[0] if self.name else ""

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2]

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.first_name or self.email


class RunnerProfile(models.Model):
    """What a runner tells us beyond name and address. Health answers never live here."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="runner_profile")
    mobile = models.CharField(max_length=32, blank=True)
    must_call = models.BooleanField(
        "calls before booking",
        default=False,
        help_text="On: not online; the practice talks to them first. It never says why.",
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Profile of {self.user}"


class MessageQuerySet(models.QuerySet["Message"]):
    def unsent(self) -> Self:
        return self.filter(sent_at=None, dropped_at=None)

    def due(self, at: datetime) -> Self:
        """Unsent, their moment come, and nobody's lease on them still running."""
        free = Q(leased_until=None) | Q(leased_until__lte=at)
        return self.unsent().filter(free, send_after__lte=at)


class Message(models.Model):
    """The outbox: one mail owed to somebody, written in the transaction of what it tells.

    The words are made when it is sent, from what is true then: ``kind`` names the writer and
    ``about`` what it writes of. A writer that finds nothing to say drops the message.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=120, help_text="For the writer, such as a booking's id.")
    to_email = models.EmailField(max_length=254)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    dedupe_key = models.CharField(max_length=160, unique=True)
    created_at = models.DateTimeField()
    send_after = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    subject = models.CharField(max_length=200, blank=True, help_text="As sent.")
    sent_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_because = models.CharField(max_length=200, blank=True)

    objects: ClassVar[Any] = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(dropped_at=None), name="message_sent_or_dropped"
            ),
        ]
        indexes = [
            models.Index(
                fields=["send_after"],
                condition=Q(sent_at=None, dropped_at=None),
                name="message_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to_email}"


# Modules of this app with models of their own; Django finds them by these lines.
from accounts.audit_trail import AuditEntry, AuditSeal  # noqa: E402
from accounts.bounces import Bounce  # noqa: E402
from accounts.client_flags import ClientFlags  # noqa: E402
from accounts.client_notes import ClientNote, ClientNoteVersion  # noqa: E402
from accounts.consents import Consent  # noqa: E402
from accounts.erasures import ErasureRequest  # noqa: E402
from accounts.health import IntakeAnswers, TalkFirst, TreatmentNote  # noqa: E402
from accounts.intake_forms import IntakeForm, IntakeQuestion  # noqa: E402
from accounts.merges import Merge, MergedRow  # noqa: E402
from accounts.races import Race, RunnerHabits  # noqa: E402
from accounts.retention_runs import RetentionRun  # noqa: E402

__all__ = [
    "AuditEntry",
    "AuditSeal",
    "Bounce",
    "ClientFlags",
    "ClientNote",
    "ClientNoteVersion",
    "Consent",
    "ErasureRequest",
    "IntakeAnswers",
    "IntakeForm",
    "IntakeQuestion",
    "Merge",
    "MergedRow",
    "Message",
    "Race",
    "RetentionRun",
    "RunnerHabits",
    "RunnerProfile",
    "TalkFirst",
    "TreatmentNote",
    "User",
]
