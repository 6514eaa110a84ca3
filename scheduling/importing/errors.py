"""What can go wrong with a calendar elsewhere. ``str()`` is a sentence without the address."""

from accounts.reaching.errors import ElsewhereTrouble


class CalendarTrouble(ElsewhereTrouble):
    """The calendar could not be read; what was read before stands."""
