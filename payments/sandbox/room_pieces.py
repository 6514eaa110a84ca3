"""Small parts of the control room: buttons that act, rows of a list, tapes, moments, links."""

from collections.abc import Iterable
from datetime import UTC, datetime

from payments.sandbox.markup import NOTHING, Markup, fill, joined
from payments.sandbox.money import formatted
from payments.sandbox.shapes import Json

# What a state means to somebody who skims; any other word stays neutral.
GOOD = frozenset({"paid", "succeeded", "delivered", "won", "warning_closed"})
BAD = frozenset({"failed", "declined", "lost"})
WAITS = frozenset(
    {"open", "due", "held", "pending", "in_transit", "needs_response", "under_review", "processing"}
    | {"warning_needs_response", "warning_under_review", "requires_action", "confirming"}
)


def button(
    act: str, label: str, *, about: str = "", pressed: bool = False, **fields: object
) -> Markup:
    """A form of one button: POST `fields` to the act. `about` is for those who hear the page."""
    return fill(
        "parts/button.html",
        act=act,
        label=label,
        about=fill("parts/about.html", text=about) if about else NOTHING,
        pressed=fill("parts/pressed.html") if pressed else NOTHING,
        fields=joined(
            fill("parts/hidden.html", name=name, value=value) for name, value in fields.items()
        ),
    )


def item(
    title: object,
    *,
    tapes: Iterable[Markup] = (),
    meta: Iterable[object] = (),
    acts: Iterable[Markup] = (),
    below: Markup = NOTHING,
) -> Markup:
    """One row: a title with its states, what else is known in small, and what can be done."""
    buttons = joined(acts)
    return fill(
        "parts/item.html",
        title=title,
        tapes=joined(tapes),
        meta=joined(fill("parts/known_too.html", text=one) for one in meta if one),
        below=below,
        acts=fill("parts/acts.html", buttons=buttons) if buttons else NOTHING,
    )


def listing(title: str, items: list[Markup], *, empty: str, more: Markup = NOTHING) -> Markup:
    ident = title.lower().replace(" ", "-")
    rows = fill("parts/items.html", items=joined(items)) if items else NOTHING
    words = NOTHING if items else fill("parts/hint.html", text=empty)
    return fill("parts/listing.html", ident=ident, title=title, more=more, rows=rows, empty=words)


def tape(state: str, words: str = "") -> Markup:
    kind = (
        "good" if state in GOOD else "bad" if state in BAD else "warn" if state in WAITS else "calm"
    )
    return fill("parts/tape.html", kind=kind, text=words or state.replace("_", " "))


def link(url: str, text: str) -> Markup:
    return fill("parts/link.html", url=url, text=text)


def known(ident: str | None) -> Markup:
    """The id of an object, short, leading to all that is known of it."""
    if not ident:
        return NOTHING
    prefix, _, rest = ident.rpartition("_")
    return link(f"/room/objects/{ident}", f"{prefix}_…{rest[-6:]}")


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%a %-d %b %Y %H:%M:%S")


def amounts(rows: list[Json]) -> str:
    return " + ".join(formatted(row["amount"], row["currency"]) for row in rows)
