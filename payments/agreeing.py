"""What somebody agrees to: the version of the rules in effect, and the words it was shown in.

The words are the app's above; it says by `knows_texts` which versions of them go with a version
of the rules. They are kept as ``code/number``, which is also their permanent address.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from payments.models import Policy
from payments.rule_words import Rules, filled, summary_of
from payments.signals import rules_saved

TextsOf = Callable[[str, int, date], list[str]]  # code and version of the rules, day
_texts: list[TextsOf] = []


def knows_texts(fn: TextsOf) -> TextsOf:
    """For the app above: the words in force that are bound to rules. Called in ``ready``."""
    if fn not in _texts:
        _texts.append(fn)
    return fn


def in_effect(policy: Policy, on: date) -> Policy:
    """The version of these terms that counts on a day; the one named where none does yet."""
    return Policy.objects.of_code(policy.code).current(on).first() or policy


def texts_agreed(policy: Policy, on: date) -> list[str]:
    """References of the words that go with a version of the rules, as they are on a day."""
    return [each for read in _texts for each in read(policy.code, policy.version, on)]


def tell_rules_saved(instance: Policy, *, raw: bool = False, **_: Any) -> None:
    """After a version of the terms is saved: the words bound to them follow (U8)."""
    if not raw:
        rules_saved.send(sender=Policy, policy=instance)


def address_of(reference: str) -> str:
    """The path at which one version of the words can always be read."""
    return f"/policies/{reference}/"


def rules_of(policy: Policy) -> Rules:
    return Rules(
        code=policy.code,
        version=policy.version,
        cancel_window_minutes=policy.cancel_window_minutes,
        move_window_minutes=policy.move_window_minutes,
        max_moves=policy.max_moves,
        grace_minutes=policy.grace_minutes,
        refund_rule=policy.refund_rule,
        expiry_rule=policy.expiry_rule,
    )


def plain_terms(policy: Policy) -> str:
    """The terms in a few plain words, with this version's own values."""
    rules = rules_of(policy)
    return filled(policy.summary, rules) if policy.summary else summary_of(rules)
