"""Names on the demo's price list, for the catalogue.

A practice with a price list of its own gives the context ``price list`` its own names; what is
not in the catalogue is shown in the words of the price list.
"""

from django.utils.translation import pgettext_lazy

NAMES = (
    pgettext_lazy("price list", "Sports massage, 30 minutes"),
    pgettext_lazy("price list", "Sports massage, 60 minutes"),
    pgettext_lazy("price list", "Sports massage, 90 minutes"),
    pgettext_lazy("price list", "Deep tissue, 30 minutes"),
    pgettext_lazy("price list", "Deep tissue, 60 minutes"),
    pgettext_lazy("price list", "Deep tissue, 90 minutes"),
    pgettext_lazy("price list", "Recovery flush, 30 minutes"),
    pgettext_lazy("price list", "Recovery flush, 60 minutes"),
    pgettext_lazy("price list", "Recovery flush, 90 minutes"),
    pgettext_lazy("price list", "5 × 60 minutes"),
    pgettext_lazy("price list", "10 × 60 minutes"),
    pgettext_lazy("price list", "3 × 90 minutes"),
)
