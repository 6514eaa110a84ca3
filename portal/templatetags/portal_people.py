"""Parts of the page of a client: the mails that went to them, and their running."""

from typing import Any

from django import template

from accounts.models import User
from portal.staff.messages import messages_shown, running_shown

register = template.Library()


@register.inclusion_tag("portal/staff/_messages.html")
def sent_messages(person: User) -> dict[str, Any]:
    """What was mailed to a person and what became of it."""
    return {"shown": messages_shown(person)}


@register.inclusion_tag("portal/staff/_running.html")
def running_of(person: User) -> dict[str, Any]:
    """Races and habits, for whoever treats or books them."""
    return {"shown": running_shown(person)}
