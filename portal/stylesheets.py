"""Join the public stylesheets into one file: one request instead of five.

The sources stay apart, one concern each; ``site.css`` is committed, so nothing has to run before
the site does. ``python -m portal.stylesheets`` writes it anew; a test fails when it is stale.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "static" / "portal" / "css"
SOURCES = ("tokens", "base", "layout", "components", "print")
JOINED = FOLDER / "site.css"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def joined() -> str:
    """The sources in the order of power, without comments and indentation."""
    text = "\n".join((FOLDER / f"{name}.css").read_text() for name in SOURCES)
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line) + "\n"


if __name__ == "__main__":
    JOINED.write_text(joined())
