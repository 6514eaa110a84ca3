"""The practice's own words for its books, and what it decides once about them."""

from django.db import transaction
from django.utils.translation import gettext as _

from payments.chart import Role, accounts
from payments.models import Account, BookRules, TaxTiming

LONGEST_CODE, LONGEST_NAME = 20, 80


class ChartError(Exception):
    """A name the books cannot use; says why."""


@transaction.atomic
def rename_account(*, role: Role, code: str, name: str) -> Account:
    """Call an account otherwise, on the screen and in every file. Its postings stay its own.

    Raises:
        ChartError: the code or the name is empty or too long, or another account has the code.
    """
    code, name = code.strip(), name.strip()
    if not code or not name:
        raise ChartError(_("An account needs a code and a name."))
    if len(code) > LONGEST_CODE or len(name) > LONGEST_NAME:
        raise ChartError(_("That is too long."))
    others = {key: account for key, account in accounts().items() if key != role.code}
    if any(account.code == code for account in others.values()):
        raise ChartError(_("Another account has that code."))
    account, _made = Account.objects.update_or_create(
        role=role.code, defaults={"code": code, "name": name}
    )
    return account


@transaction.atomic
def decide_rules(*, tax_timing: str, breakage: str) -> BookRules:
    """When tax is due, and what becomes of credits that expire. It counts for what is sold from
    now on (tax) and what expires from now on; nothing that was posted changes.

    Raises:
        ChartError: there is no such choice.
    """
    if tax_timing not in TaxTiming.values or breakage not in BookRules.Breakage.values:
        raise ChartError(_("There is no such choice."))
    rules, _made = BookRules.objects.update_or_create(
        pk=1, defaults={"tax_timing": tax_timing, "breakage": breakage}
    )
    return rules
