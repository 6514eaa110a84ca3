"""What pages of other parts say about the questions before a session: never what was answered."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import template
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from accounts.answering import ASKED_AGAIN_AFTER, Seen, seen_by_practice
from accounts.models import IntakeAnswers, IntakeForm, TalkFirst, User
from accounts.talking import is_asked_to_talk
from portal.staff.health import may_let_book_again
from scheduling.models import Booking
from scheduling.treating import may_read_health

register = template.Library()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a runner: questions to answer before what she booked, or a talk."""

    is_due: bool
    must_talk: bool


@register.simple_tag
def intake_waiting(runner: Any) -> Waiting:
    """For her own pages, in one query; she is asked once she has something booked."""
    if not isinstance(runner, User):
        return Waiting(is_due=False, must_talk=False)
    at = timezone.now()
    hers = OuterRef("pk")
    fresh = IntakeAnswers.objects.filter(person=hers, given_at__gt=at - ASKED_AGAIN_AFTER)
    asked, answered, booked, must_talk = (
        User.objects.filter(pk=runner.pk)
        .values_list(
            Exists(IntakeForm.objects.published()),
            Exists(fresh),
            Exists(Booking.objects.filter(runner=hers).upcoming(at)),
            Exists(TalkFirst.objects.standing().filter(person=hers)),
        )
        .get()
    )
    return Waiting(is_due=asked and booked and not answered, must_talk=must_talk)


@register.inclusion_tag("portal/staff/_health.html", takes_context=True)
def health_of_client(
    context: template.Context, client: User, session: UUID | None = None
) -> dict[str, Any]:
    """For staff: answered or not, who must call first; links for those who may read."""
    request: HttpRequest = context["request"]
    at = timezone.now()
    seen = seen_by_practice([client], at=at).get(client.pk)
    must_talk = is_asked_to_talk(client)
    return {
        "client": client,
        "session": session,
        "words": seen.value if seen else "",
        "kind": {Seen.ANSWERED: "good"}.get(seen, "warn") if seen else "",
        "must_talk": must_talk,
        "may_release": must_talk and may_let_book_again(request.user, client, at=at),
        "may_read": may_read_health(request.user, client, at=at),
        "csrf_token": context.get("csrf_token"),
    }
