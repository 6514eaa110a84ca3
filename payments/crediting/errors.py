"""Movements of credits that cannot happen."""


class CreditError(Exception):
    """A movement of credits that cannot happen; says why to the person asking."""


class NoCredit(CreditError):
    """No credit covers the session."""


class OnlyExpiredCredit(CreditError):
    """There are credits, but none that is still good on the day of the session."""


class AlreadyUsed(CreditError):
    """The booking has used its credit; it takes no second one."""


class NotReserved(CreditError):
    """The booking holds no credit that could be returned or used."""


class CannotAdjust(CreditError):
    """What staff want to do to a lot does not fit it; says why."""


class PeriodClosed(CreditError):
    """The books of the day are closed: what was earned on it stays."""
