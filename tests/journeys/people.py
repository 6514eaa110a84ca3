"""Who the journeys are about."""

from dataclasses import dataclass

PASSWORD = "only-for-journeys-7Xq"


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    group: str = ""


RUNNER = Person("robin@example.org", "Robin Ashe")
SECOND_RUNNER = Person("kit@example.org", "Kit Lowe")
DESK = Person("desk@example.org", "Dana Holt", "Front desk")
BOOKS = Person("books@example.org", "Beck Osei", "Bookkeepers")
MANAGER = Person("manager@example.org", "Mo Adeyemi", "Managers")
STAFF = (DESK, BOOKS, MANAGER)
EDITH = Person("edith@example.org", "Edith Moor", "Editors")
MAX = Person("max@example.org", "Max Abara", "Moderators")
EDITORS = (EDITH, MAX)
