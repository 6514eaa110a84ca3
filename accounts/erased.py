"""What stands where a person was: the same token everywhere, which leads to nobody."""

from typing import Final

from accounts.models import User

# Reserved for names that never exist (RFC 2606): no mail server takes an address of it.
NOWHERE: Final = "erased.invalid"


def token(person: User) -> str:
    """Stands for the name. Made from her public id, which the books and the trail keep."""
    return f"Erased {person.public_id.hex[:12]}"


def nowhere(person: User) -> str:
    """Stands for the address: one of its own for each person, and no mailbox."""
    return f"{person.public_id.hex}@{NOWHERE}"


def is_nowhere(address: str) -> bool:
    return address.endswith(f"@{NOWHERE}")


def is_erased(person: User) -> bool:
    return is_nowhere(person.email)
