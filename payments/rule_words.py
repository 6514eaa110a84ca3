"""The rules of the practice in words, and texts that name a rule instead of typing its value.

A text says ``{{ cancel_window }}``; the value is put in when it is read, from the version of the
rules that counts there. `typed_values` says what such a text may not type.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTES_IN_HOUR: Final = 60
MINUTES_IN_DAY: Final = 1440
HOURS_SAID: Final = 72  # up to three days people say hours: 24 hours, 48 hours


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rules; times in minutes."""

    code: str
    version: int
    cancel_window_minutes: int
    move_window_minutes: int
    max_moves: int
    grace_minutes: int
    refund_rule: str
    expiry_rule: str

    @property
    def values(self) -> dict[str, Any]:
        """For keeping beside a text that was bound to them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name in braces: what it says of the rules, and what it is for."""

    name: str
    meaning: str
    words: Callable[[Rules], str]


# values in words ---------------------------------------------------------------------------
def span_words(minutes: int) -> str:
    """``24 hours``, ``90 minutes``, ``1 day``: whole hours up to three days, then whole days."""
    hours, odd_minutes = divmod(minutes, MINUTES_IN_HOUR)
    if odd_minutes or not minutes:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    days, odd_hours = divmod(minutes, MINUTES_IN_DAY)
    if hours > HOURS_SAID and not odd_hours:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}


def times_words(count: int) -> str:
    return ngettext("%(n)d time", "%(n)d times", count) % {"n": count}


def refund_words(rule: str) -> str:
    """A sentence without its full stop."""
    return {
        "pro_rata": _("Unused sessions are refunded at the price paid for each"),
        "single_price": _(
            "What you paid is refunded, less each session you used at the price of a single one"
        ),
        "none": _("Packages are not refunded"),
    }[rule]


def expiry_words(rule: str) -> str:
    return {
        "start_by": _("A session must start on or before the last day of its package"),
        "book_by": _("A session must be booked on or before the last day of its package"),
    }[rule]


PLACEHOLDERS: Final = {
    each.name: each
    for each in (
        Placeholder(
            "cancel_window",
            "how long before a session it can be cancelled free of charge",
            lambda rules: span_words(rules.cancel_window_minutes),
        ),
        Placeholder(
            "move_window",
            "how long before a session it can be moved",
            lambda rules: span_words(rules.move_window_minutes),
        ),
        Placeholder(
            "max_moves", "how often it can be moved", lambda rules: times_words(rules.max_moves)
        ),
        Placeholder(
            "grace",
            "how long after booking anything can be undone",
            lambda rules: span_words(rules.grace_minutes),
        ),
        Placeholder(
            "refund_rule",
            "how unused sessions are refunded",
            lambda rules: refund_words(rules.refund_rule),
        ),
        Placeholder(
            "expiry_rule",
            "what must happen by the last day of a package",
            lambda rules: expiry_words(rules.expiry_rule),
        ),
    )
}
TOKEN = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def filled(text: str, rules: Rules) -> str:
    """The text with the values of these rules; what is no placeholder stays as it is."""

    def words(found: re.Match[str]) -> str:
        placeholder = PLACEHOLDERS.get(found[1])
        return placeholder.words(rules) if placeholder else found[0]

    return TOKEN.sub(words, text)


def summary_of(rules: Rules) -> str:
    """The rules in plain words, where nobody wrote any."""
    return filled(_summary(rules), rules)


def _summary(rules: Rules) -> str:
    if rules.cancel_window_minutes == rules.move_window_minutes:
        free = _("Free to move or cancel until {{ cancel_window }} before.")
    else:
        free = _(
            "Free to cancel until {{ cancel_window }} before, and to move until "
            "{{ move_window }} before."
        )
    return f"{free} {_('Later, the credit is used.')} {{{{ refund_rule }}}}."
