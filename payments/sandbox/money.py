"""Amounts in words people read. Everywhere else an amount is an integer of minor units."""

SIGNS = {"eur": "€", "gbp": "£", "usd": "$", "jpy": "¥", "cad": "CA$", "aud": "A$"}
# No minor unit at all.
WHOLE = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"}
    | {"pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
THOUSANDTHS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})


def formatted(amount: int, currency: str) -> str:
    """€315.00 for 31500 eur."""
    places = 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2
    whole, rest = divmod(abs(amount), 10**places)
    number = f"{whole:,}" + (f".{rest:0{places}d}" if places else "")
    sign = SIGNS.get(currency)
    text = f"{sign}{number}" if sign else f"{currency.upper()} {number}"
    return f"-{text}" if amount < 0 else text
