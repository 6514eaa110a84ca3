"""When and from where the buyer of a disputed order signed in."""

from allauth.usersessions.models import UserSession

from payments.disputing.evidence import Fact, Section
from payments.models import Order


def sign_ins(order: Order) -> Section:
    """The sessions of her browsers that are known, each with its address on the net."""
    known = UserSession.objects.filter(user=order.buyer).order_by("created_at")
    facts = [Fact(one.created_at, f"Signed in from {one.ip}") for one in known]
    facts += [Fact(one.last_seen_at, f"Last seen from {one.ip}") for one in known]
    facts.sort(key=lambda fact: fact.at)
    return Section("sign_ins", "Signing in", tuple(facts))
