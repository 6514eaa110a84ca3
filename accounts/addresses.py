"""One spelling for one mailbox.

Signs that only look like others are turned into what they stand for, and a domain with letters of
another alphabet into its name on the wire: `xn--…` cannot be mistaken for a colleague's address.
"""

import unicodedata


def as_stored(email: str) -> str:
    """Lower case, without spaces around it, in plain letters wherever that is possible."""
    plain = unicodedata.normalize("NFKC", email).strip().lower()
    name, at, domain = plain.rpartition("@")
    if domain.isascii():
        return plain
    try:
        return f"{name}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return plain  # no domain at all: forms say so
