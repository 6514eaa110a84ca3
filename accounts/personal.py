"""What this app and the packages for signing in hold about people. See accounts/classifying.py."""

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db.models import Q

from accounts.classifying import Fate, holds, nothing_personal
from accounts.erased import nowhere, token
from accounts.health_data import answers_in_words
from accounts.models import User


def addresses_of(person: User) -> set[str]:
    """Every mail address we know of hers, in lower case."""
    known = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    return {person.email, *(address.lower() for address in known)} - {""}


def mailed_to(person: User) -> Q:
    return Q(user=person) | Q(to_email__in=addresses_of(person))


def her_browsers(person: User) -> Q:
    return Q(
        session_key__in=UserSession.objects.filter(user=person).values_list(
            "session_key", flat=True
        )
    )


def in_the_trail(person: User) -> Q:
    return Q(runner=person.public_id) | Q(by=person.public_id)


nothing_personal(
    "Settings of signing in, permissions and kinds of things.",
    "auth.Group auth.Permission auth.Group_permissions contenttypes.ContentType"
    " socialaccount.SocialApp",
)
nothing_personal("The practice's own questions.", "accounts.IntakeForm accounts.IntakeQuestion")
nothing_personal("Seals of the trail: hashes in a row.", "accounts.AuditSeal")
nothing_personal("What the retention job did, in figures.", "accounts.RetentionRun")

holds(
    "accounts.Message",
    of=mailed_to,
    fate=Fate.EMPTY,
    emptied={"to_email": nowhere, "subject": "", "last_error": ""},
    rule="mail",
    contact="to_email",
    words="subject",
    activity="kind created_at sent_at dropped_at dropped_because",
    technical="public_id about user dedupe_key send_after leased_until attempts last_error",
)
holds(
    "accounts.Bounce",
    of=lambda person: Q(message__user=person) | Q(email__in=addresses_of(person)),
    fate=Fate.DELETE,
    rule="mail",
    contact="email",
    activity="kind at mended_at",
    technical="message status said",
)
holds(
    "accounts.RunnerProfile",
    of="user",
    fate=Fate.DELETE,
    contact="mobile",
    activity="must_call created_at",
    technical="user",
)
holds(
    "accounts.Consent",
    of="person",
    fate=Fate.KEEP,
    kept={"text": "These are our words, not hers."},
    rule="consents",
    activity="purpose granted text_version channel at",
    words="text",
    technical="person",
    staff="by",
)
holds(
    "accounts.AuditEntry",
    of=in_the_trail,
    fate=Fate.KEEP,
    rule="trail",
    activity="at action about key",
    technical="runner before after origin",
    staff="by why",
)
holds(
    "accounts.ErasureRequest",
    of="person",
    fate=Fate.KEEP,
    rule="consents",
    activity="asked_at due_at cancelled_at done_at credits_given_up",
    technical="public_id person waits_for looked_at",
    staff="asked_by",
)
holds("accounts.User_groups", of="user", fate=Fate.DELETE, technical="user group")
holds("accounts.User_user_permissions", of="user", fate=Fate.DELETE, technical="user permission")

holds(
    "sessions.Session",
    of=her_browsers,
    fate=Fate.DELETE,
    rule="sign_ins",
    technical="session_key session_data expire_date",
)
holds(
    "usersessions.UserSession",
    of="user",
    fate=Fate.DELETE,
    rule="sign_ins",
    contact="ip user_agent",
    activity="created_at last_seen_at",
    technical="user session_key data",
)
holds(
    "mfa.Authenticator",
    of="user",
    fate=Fate.DELETE,
    activity="type created_at last_used_at",
    technical="user data",
)
holds(
    "socialaccount.SocialToken",
    of="account__user",
    fate=Fate.DELETE,
    technical="app account token token_secret expires_at",
)
holds(
    "socialaccount.SocialAccount",
    of="user",
    fate=Fate.DELETE,
    identity="provider uid extra_data",
    activity="last_login date_joined",
    technical="user",
)
holds(
    "account.EmailConfirmation",
    of="email_address__user",
    fate=Fate.DELETE,
    technical="email_address created sent key",
)
holds(
    "account.EmailAddress",
    of="user",
    fate=Fate.DELETE,
    contact="email",
    activity="verified primary",
    technical="user",
)
holds(
    "accounts.Race",
    of="runner",
    fate=Fate.DELETE,
    words="name",
    activity="held_on distance_m priority added_at removed_at",
    technical="public_id runner",
)
holds(
    "accounts.RunnerHabits",
    of="runner",
    fate=Fate.DELETE,
    activity="weekly_km therapist_code pressure changed_at",
    technical="runner",
)
holds(
    "accounts.IntakeAnswers",
    of="person",
    fate=Fate.DELETE,
    rule="health",
    decoded={"answers": answers_in_words, "form": lambda one: str(one.form)},
    health="answers",
    activity="form given_at delete_on",
    technical="public_id person",
)
holds(
    "accounts.TreatmentNote",
    of="person",
    fate=Fate.DELETE,
    rule="health",
    health="words",
    activity="session written_at delete_on",
    technical="public_id person",
    staff="written_by",
)
holds(
    "accounts.TalkFirst",
    of="person",
    fate=Fate.DELETE,
    rule="health",
    activity="since released_at",
    technical="person",
    staff="released_by",
)
holds(
    "accounts.ClientFlags",
    of="client",
    fate=Fate.DELETE,
    words="alert",
    activity="must_prepay changed_at",
    technical="client",
    staff="changed_by",
)
holds(
    "accounts.ClientNoteVersion",
    of="note__client",
    fate=Fate.DELETE,
    words="text",
    activity="until",
    technical="note audience",
)
holds(
    "accounts.ClientNote",
    of="client",
    fate=Fate.DELETE,
    words="text",
    activity="written_at edited_at withdrawn_at",
    technical="public_id client audience",
    staff="author withdrawn_by",
)
holds(
    "accounts.MergedRow",
    of="merge__kept merge__absorbed",
    fate=Fate.DELETE,
    technical="merge model field row before after",
)
holds(
    "accounts.Merge",
    of="kept absorbed",
    fate=Fate.EMPTY,
    emptied={"why": "Removed with the account."},
    words="why",
    activity="made_at undone_at",
    technical="public_id kept absorbed",
    staff="made_by undone_by",
)
# Last, because the others are found by what it says.
holds(
    "accounts.User",
    of=lambda person: Q(pk=person.pk),
    fate=Fate.EMPTY,
    emptied={"name": token, "email": nowhere, "password": "!", "is_active": False},
    identity="name",
    contact="email",
    activity="public_id joined_at last_login",
    technical="password is_superuser is_staff is_active",
)
