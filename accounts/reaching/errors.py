"""What can go wrong with a server of others. ``str()`` is a sentence without the address."""


class ElsewhereTrouble(Exception):
    """What is on another server could not be had, or is not what it should be."""


class AddressRefused(ElsewhereTrouble):
    """An address the portal does not ask: malformed, not https, or not on the open internet."""
