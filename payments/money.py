"""Money as whole minor units beside an upper-case currency code; never a float."""

from decimal import Decimal

from babel.core import Locale
from babel.numbers import format_currency
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models

DEFAULT_CURRENCY = "GBP"


def currency_field() -> "models.CharField[str, str]":
    return models.CharField(
        max_length=3,
        default=DEFAULT_CURRENCY,
        validators=[RegexValidator(r"^[A-Z]{3}$", "Three capital letters, for instance GBP.")],
    )


def price_field() -> "models.BigIntegerField[int, int]":
    return models.BigIntegerField(
        validators=[MinValueValidator(0)], help_text="In the smallest unit: 5800 is £58.00."
    )


def split_evenly(amount_minor: int, parts: int) -> list[int]:
    """Divide an amount into `parts` that add up exactly, the larger ones first.

    This is the largest-remainder method: 100.00 over three is 33.34, 33.33, 33.33.
    """
    if parts < 1 or amount_minor < 0:
        raise ValueError("Only a sum of zero or more can be divided, over one part or more.")
    each, over = divmod(amount_minor, parts)
    return [each + 1] * over + [each] * (parts - over)


def next_values(left_minor: int, units_left: int, units: int) -> list[int]:
    """The values of the next `units` when `left_minor` is spread over `units_left`."""
    return split_evenly(left_minor, units_left)[:units]


def tax_inside(price_minor: int, rate_bp: int) -> int:
    """The tax contained in a price that includes it; the rate in basis points, half up."""
    gross = price_minor * rate_bp
    base = 10_000 + rate_bp
    return (2 * gross + base) // (2 * base)


# Our minor unit is Stripe's, so an amount is the same number on both sides.
WHOLE = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # no minor unit
)
THOUSANDTHS = frozenset("BHD JOD KWD OMR TND".split())
# Written without decimals, counted by Stripe with two.
WHOLE_IN_HUNDREDTHS = frozenset("ISK UGX".split())


def places(currency: str) -> int:
    """How many decimals the minor unit stands for."""
    return 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2


def charge_step(currency: str) -> int:
    """An amount to be charged is a multiple of this: 1.235 KWD is refused, 1.230 is not."""
    return 10 if currency in THOUSANDTHS else 100 if currency in WHOLE_IN_HUNDREDTHS else 1


def can_be_charged(amount_minor: int, currency: str) -> bool:
    return amount_minor >= 0 and amount_minor % charge_step(currency) == 0


def major(minor: int, currency: str) -> Decimal:
    """The amount as people write it: 5180 GBP is 51.80, 58 JPY is 58."""
    return Decimal(minor).scaleb(-places(currency))


def minor(amount: Decimal, currency: str) -> int:
    """The minor units of an amount as people write it: 51.80 GBP is 5180.

    Raises:
        ValueError: it has more places than the currency.
    """
    units = amount.scaleb(places(currency))
    if units != units.to_integral_value():
        raise ValueError(f"{amount} is no amount of {currency}.")
    return int(units)


def price_words(minor: int, currency: str, *, locale: str = "en_GB") -> str:
    """A price in a sentence, without pence where there are none: £58, or £58.50."""
    amount = major(minor, currency)
    if amount != amount.to_integral_value():
        return str(format_currency(amount, currency, locale=locale))
    usual: str = Locale.parse(locale).currency_formats["standard"].pattern
    whole = {"format": usual.replace(".00", ""), "currency_digits": False}
    return str(format_currency(amount, currency, locale=locale, **whole))
