"""docs/permissions.md says what accounts/roles.py does."""

from pathlib import Path

from accounts.roles import MAY

PAGE = Path(__file__).parents[2] / "docs/permissions.md"


def test_the_page_has_the_table_of_the_roles():
    heads = "| may | " + " | ".join(MAY) + " |"
    permissions = sorted({one for may in MAY.values() for one in may})
    rows = [
        f"| `{one}` | " + " | ".join("yes" if one in may else "" for may in MAY.values()) + " |"
        for one in permissions
    ]
    wanted = "\n".join([heads, "| --- " * (len(MAY) + 1) + "|", *rows])

    assert wanted in PAGE.read_text(), f"The table is now:\n{wanted}"
