"""Purchases that cannot go on. The sentence is for the buyer."""


class SellingError(Exception):
    """A purchase that cannot go on; says why to the buyer."""


class NotForSale(SellingError):
    """The package is not sold, or not any more."""


class LimitReached(SellingError):
    """This person has bought the package as often as one person may."""


class IntroductoryUsed(SellingError):
    """This person has had an introductory offer."""


class NotVerified(SellingError):
    """What is once for each person needs an address that somebody has proved."""


class PromotionRefused(SellingError):
    """The code takes nothing off this purchase."""


class UnknownCode(PromotionRefused):
    """No code is written like this, or it is switched off."""


class CodeNotYet(PromotionRefused):
    """The code begins later."""


class CodeEnded(PromotionRefused):
    """The code was good until a moment that is past."""


class CodeForOthers(PromotionRefused):
    """The code is for other packages."""


class CodeUsedUp(PromotionRefused):
    """All of its uses are taken."""


class CodeUsedByYou(PromotionRefused):
    """This person has used it as often as one person may."""
