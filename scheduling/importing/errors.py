"""What can go wrong with a calendar elsewhere. ``str()`` is a sentence without the address."""


class CalendarTrouble(Exception):
    """The calendar could not be read; what was read before stands."""


class AddressRefused(CalendarTrouble):
    """An address the portal does not ask: malformed, not https, or not on the open internet."""
