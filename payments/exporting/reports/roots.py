"""Which bought lot a lot goes back to, however often its credits changed hands."""

from payments.models import CreditLot


class Roots:
    """One question for all lots that were passed on; then none."""

    def __init__(self) -> None:
        passed_on = CreditLot.objects.exclude(transferred_from=None).order_by()
        self._came_from = dict(passed_on.values_list("pk", "transferred_from_id"))

    def of(self, lot_id: int) -> int:
        while (earlier := self._came_from.get(lot_id)) is not None:
            lot_id = earlier
        return lot_id
