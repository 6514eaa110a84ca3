"""What the pages about signing in say of things that have no words of their own."""

from typing import Any

from django import template

from accounts import suspending
from accounts.devices import device_of

register = template.Library()
register.filter("device", device_of)


@register.simple_tag(takes_context=True)
def what_waits(context: dict[str, Any]) -> str:
    """What is carried out after the proof this page asks for."""
    return suspending.what_waits(context["request"])
