"""Which bought lot a lot goes back to, however often its credits changed hands."""

from collections.abc import Collection

from payments.models import CreditLot


class Roots:
    """One question for all lots that were passed on; then none."""

    def __init__(self) -> None:
        passed_on = CreditLot.objects.exclude(transferred_from=None).order_by()
        self._came_from = dict(passed_on.values_list("pk", "transferred_from_id"))

    def grown_from(self, lots: Collection[int]) -> list[int]:
        """These lots and all that came of them when credits were passed on."""
        return [*lots, *(lot for lot in self._came_from if self.of(lot) in lots)]

    def of(self, lot_id: int) -> int:
        while (earlier := self._came_from.get(lot_id)) is not None:
            lot_id = earlier
        return lot_id
