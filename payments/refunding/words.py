"""The sums of a refund in words, as staff and the runner read them."""

from babel.numbers import format_currency
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from payments.money import major


def money(minor: int, currency: str) -> str:
    """£51.80"""
    return str(format_currency(major(minor, currency), currency, locale="en_GB"))


def credits(units: int) -> str:
    return ngettext("%(count)s credit", "%(count)s credits", units) % {"count": units}


def pro_rata_words(*, units: int, values: list[int], result: int, currency: str) -> str:
    """3 unused × what was paid for each (£51.80 + £51.80 + £51.80) = £155.40"""
    each = " + ".join(money(value, currency) for value in values)
    return _("%(units)s unused at what was paid for each (%(each)s) = %(result)s") % {
        "units": units,
        "each": each or money(0, currency),
        "result": money(result, currency),
    }


def single_price_words(
    *,
    paid: int,
    gone: int,
    gone_minor: int,
    refunded: int,
    result: int,
    part: tuple[int, int],
    currency: str,
) -> str:
    """£259.00 paid − 2 used at the single price (£116.00) − £0.00 refunded before = £143.00"""
    words = _(
        "%(paid)s paid − %(gone)s used at the single price (%(cost)s) − %(before)s refunded before"
    ) % {
        "paid": money(paid, currency),
        "gone": gone,
        "cost": money(gone_minor, currency),
        "before": money(refunded, currency),
    }
    units, unused = part
    if units != unused:
        words += _(", of which %(units)s of %(unused)s unused") % {"units": units, "unused": unused}
    return words + f" = {money(result, currency)}"
