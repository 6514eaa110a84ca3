"""What a bookkeeper opens each month beside the native files, which alone go into the pack (D6)."""

from payments.exporting.defining import Export
from payments.exporting.reports.ageing import AGEING
from payments.exporting.reports.articles import ARTICLES
from payments.exporting.reports.bridge import BRIDGE
from payments.exporting.reports.changed import ADJUSTMENTS
from payments.exporting.reports.earned import BY_LOCATION, BY_SERVICE, BY_THERAPIST, PAY
from payments.exporting.reports.fees import FEES
from payments.exporting.reports.taxes import TAX
from payments.exporting.reports.tills import CASH_UP

REPORTS: dict[str, Export] = {
    export.name: export
    for export in (
        BY_SERVICE,
        BY_THERAPIST,
        BY_LOCATION,
        TAX,
        FEES,
        CASH_UP,
        ADJUSTMENTS,
        AGEING,
        BRIDGE,
        PAY,
        ARTICLES,
    )
}
