"""Which rows of payments are set up by hand: their edits go into the audit trail."""

from accounts.edits import Edits, note_edits, note_links
from payments.models import (
    Account,
    BookRules,
    LegalEntity,
    Package,
    Policy,
    PromotionCode,
    RefundLimit,
    Service,
    ServiceVariant,
)

OF_CATALOGUE = Edits("catalogue", key="code")
OF_RULES = Edits("rules")


def watch() -> None:
    """Called when the app is ready."""
    for model in (Service, ServiceVariant, Package, PromotionCode):
        note_edits(model, OF_CATALOGUE)
    for model in (Package, PromotionCode):
        name = "variants" if model is Package else "packages"
        note_links(model, name, OF_CATALOGUE, called="code")
    note_edits(Policy, Edits("rules", key="code"))
    note_edits(LegalEntity, Edits("rules", key="code", withheld=("name", "address", "email")))
    for rules in (BookRules, RefundLimit, Account):
        note_edits(rules, OF_RULES)
