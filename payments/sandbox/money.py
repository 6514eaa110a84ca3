"""Amounts in words people read. Everywhere else an amount is an integer of minor units."""

from decimal import ROUND_HALF_UP, Decimal

SIGNS = {"eur": "€", "gbp": "£", "usd": "$", "jpy": "¥", "cad": "CA$", "aud": "A$"}
# No minor unit at all.
WHOLE = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"}
    | {"pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
THOUSANDTHS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})


def places_of(currency: str) -> int:
    """Digits behind the point."""
    return 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2


def converted(amount: int, rate: float, source: str, target: str) -> int:
    """Minor units of another currency, rounded half up away from zero."""
    scale = Decimal(10) ** (places_of(target) - places_of(source))
    return int((amount * Decimal(str(rate)) * scale).quantize(Decimal(1), ROUND_HALF_UP))


def formatted(amount: int, currency: str) -> str:
    """€315.00 for 31500 eur."""
    places = places_of(currency)
    whole, rest = divmod(abs(amount), 10**places)
    number = f"{whole:,}" + (f".{rest:0{places}d}" if places else "")
    sign = SIGNS.get(currency)
    text = f"{sign}{number}" if sign else f"{currency.upper()} {number}"
    return f"-{text}" if amount < 0 else text
