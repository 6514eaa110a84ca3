"""What an invariant is: a question to the database, asked of a stretch of time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import BigIntegerField, Case, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` to just before `until`; without them from the beginning, to the end."""

    since: datetime | None = None
    until: datetime | None = None

    def within(self, *names: str) -> Q:
        """Rows of which one of these moments lies in it."""
        found = Q()
        for name in names:
            found |= self._after(name) & self.before(name)
        return found

    def before(self, name: str) -> Q:
        """Rows of the past as it was at the end."""
        return Q() if self.until is None else Q(**{f"{name}__lt": self.until})

    def earlier(self, name: str) -> Q:
        """Rows of the time before it began; none when it began at the beginning."""
        return Q(pk=None) if self.since is None else Q(**{f"{name}__lt": self.since})

    def _after(self, name: str) -> Q:
        return Q() if self.since is None else Q(**{f"{name}__gte": self.since})


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class Breach:
    """A row that breaks a rule: which, what, and by how much where that is a figure.

    `subject` and `key` say which page shows the row: an order's number, a lot's public id.
    """

    invariant: str
    about: str
    what: str
    difference: int = 0
    subject: str = ""
    key: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Sides:
    """Two figures that must be one: minor units of `currency`, or plain numbers without one."""

    what: str
    left: int
    right: int
    currency: str = ""

    @property
    def difference(self) -> int:
        return self.left - self.right


@dataclass(frozen=True, slots=True)
class Check:
    """An invariant with its words; `left` and `right` name the sides of its figures."""

    do_not_call_in_templates: ClassVar[bool] = True  # it is a thing there, not a question

    code: str
    title: str
    rule: str
    left: str
    right: str
    find: Callable[[Span], Iterable[Breach]]
    weigh: Callable[[Span], Iterable[Sides]]

    def __call__(self, span: Span = ALWAYS) -> list[Breach]:
        return list(self.find(span))


def moved_on(code: str) -> Coalesce:
    """Debits less credits of an account, over journal lines."""
    signed = Case(
        When(debit=code, then=F("amount_minor")),
        When(credit=code, then=-F("amount_minor")),
        default=Value(0),
        output_field=BigIntegerField(),
    )
    return Coalesce(Sum(signed), Value(0), output_field=BigIntegerField())


def total(name: str, condition: Q | None = None) -> Coalesce:
    """The sum of a column as a whole number, 0 of nothing."""
    found = Sum(name, filter=condition) if condition is not None else Sum(name)
    return Coalesce(found, Value(0), output_field=BigIntegerField())


def side_by_side(what: str, left: dict[str, int], right: dict[str, int]) -> list[Sides]:
    """A pair of figures for each currency that is on either side."""
    return [
        Sides(what, left.get(currency, 0), right.get(currency, 0), currency)
        for currency in sorted(left.keys() | right.keys())
    ]
