"""The two rules of a refund (P8), as sums over plain figures; all in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass

from payments.money import split_evenly


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What one line of an order was sold for, and how many of its units are gone."""

    paid_minor: int
    single_minor: int  # what one session cost by itself; 0 where nobody knew
    units: int
    gone: int

    @property
    def gone_minor(self) -> int:
        """What the units that are gone cost by themselves, or at the package's own price."""
        if self.single_minor:
            return self.gone * self.single_minor
        return sum(split_evenly(self.paid_minor, self.units)[: self.gone])


def pro_rata(*, worth_minor: int, left_minor: int) -> int:
    """The unused units at what was paid for each, but not more than is left of what was paid."""
    return max(0, min(worth_minor, left_minor))


def single_price(
    lines: Sequence[LineFacts], *, refunded_minor: int, left_minor: int, units: int, unused: int
) -> int:
    """What was paid less the gone units at the single price and earlier refunds, never below 0.

    For some of the unused units it is their even share, so that units given back one after the
    other come to exactly what all together would have.
    """
    if not unused or not units:
        return 0
    whole = sum(line.paid_minor - line.gone_minor for line in lines) - refunded_minor
    whole = max(0, min(whole, left_minor))
    return sum(split_evenly(whole, unused)[: min(units, unused)])
