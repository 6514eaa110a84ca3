"""The hosted checkout as HTML: what is bought beside how it is paid, and the kit of test cards."""

from collections.abc import Iterable

from payments.sandbox.behaviour import Delivery
from payments.sandbox.cards import CARDS, Means, TestCard, spaced
from payments.sandbox.markup import NOTHING, Markup, fill, joined, page
from payments.sandbox.money import formatted
from payments.sandbox.objects import line_items_of
from payments.sandbox.payer_input import CARD, DEBIT, Typed
from payments.sandbox.sepa import ACCOUNTS
from payments.sandbox.shapes import Answer, Json
from payments.sandbox.world import World

MARKED = "Nothing was taken. Please look at the marked fields."
PROMISE = "On a real checkout this is the moment to pay. Here nothing leaves anybody's account."
FREE = "Nothing is due, so nobody asks for a card."
DELIVERIES: tuple[tuple[Delivery, str], ...] = (
    ("before", "before the payer is back"),
    ("after", "after the payer is back"),
    ("never", "not at all"),
)
PAYS = "Pays"  # with what comes later, if anything, behind a comma
OUTCOMES = (PAYS, "The bank asks first", "Declined", "Disputed later", "Refund trouble")
METHODS = {CARD: "Card", DEBIT: "SEPA debit"}
LARGEST_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def show_form(
    world: World,
    session: Json,
    typed: Typed,
    mistakes: dict[str, str],
    *,
    refusal: str = "",
    status: int = 200,
) -> Answer:
    """The whole page. After a refusal or a mistake everything typed is still there."""
    total = formatted(session["amount_total"], session["currency"])
    is_free = not session["amount_total"]
    body = fill(
        "checkout.html",
        business=world.behaviour.business_name,
        total=total,
        lines=_lines(world, session),
        reference=_reference(session),
        time_left=_time_left(session["expires_at"] - world.now),
        back=_back(session),
        action=f"/c/pay/{session['id']}",
        heading="Confirm" if is_free else "Payment",
        note=_note(refusal, mistakes),
        email=_email(session, typed, mistakes),
        means=NOTHING if is_free else _means(session, typed, mistakes),
        button="Confirm, nothing to pay" if is_free else f"Pay {total}",
        promise=FREE if is_free else PROMISE,
        kit=_kit(world, session),
    )
    title = f"Pay {total} to {world.behaviour.business_name}"
    if refusal or mistakes:
        title = f"Not paid yet: {title}"
    return page(title=title, kind="checkout", body=body, status=status)


# what is bought --------------------------------------------------------------------------


def _lines(world: World, session: Json) -> Markup:
    """A row each."""
    rows = []
    for item in line_items_of(world.store, session):
        times = f" × {item['quantity']}" if item["quantity"] != 1 else ""
        detail = fill("parts/detail.html", text=item["_detail"]) if item["_detail"] else NOTHING
        amount = formatted(item["amount_total"], session["currency"])
        name = item["description"] + times
        rows.append(fill("parts/line.html", name=name, detail=detail, amount=amount))
    return joined(rows)


def _reference(session: Json) -> Markup:
    reference = session["client_reference_id"]
    return fill("parts/reference.html", reference=reference) if reference else NOTHING


def _time_left(seconds: int) -> str:
    for size, unit in LARGEST_UNITS:
        if count := seconds // size:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def _back(session: Json) -> Markup:
    url = session["cancel_url"]
    return fill("parts/back.html", url=url) if url else NOTHING


# how it is paid --------------------------------------------------------------------------


def _note(refusal: str, mistakes: dict[str, str]) -> Markup:
    if refusal:
        return fill("parts/note.html", text=refusal, focus=fill("parts/focus.html"))
    return fill("parts/note.html", text=MARKED, focus=NOTHING) if mistakes else NOTHING


def _email(session: Json, typed: Typed, mistakes: dict[str, str]) -> Markup:
    if session["customer_email"]:
        return fill("parts/known.html", email=session["customer_email"])
    return _field("email", "Email", "email", typed, mistakes, inputmode="email")


def _means(session: Json, typed: Typed, mistakes: dict[str, str]) -> Markup:
    """The fields of each way to pay, and a choice where there are two."""
    offered = session["payment_method_types"]
    parts = {CARD: _card_fields(typed, mistakes), DEBIT: _account_fields(typed, mistakes)}
    options = joined(
        _radio("method", name, METHODS[name], checked=typed["method"] == name) for name in offered
    )
    choice = fill("parts/methods.html", options=options) if len(offered) > 1 else NOTHING
    return joined((choice, *(part for name, part in parts.items() if name in offered)))


def _account_fields(typed: Typed, mistakes: dict[str, str]) -> Markup:
    return fill(
        "parts/account.html",
        iban=_field("iban", "IBAN", "off", typed, mistakes),
        holder=_field("holder", "Account holder", "name", typed, mistakes),
    )


def _card_fields(typed: Typed, mistakes: dict[str, str]) -> Markup:
    def digits(name: str, label: str, autocomplete: str) -> Markup:
        return _field(name, label, autocomplete, typed, mistakes, inputmode="numeric")

    return fill(
        "parts/card.html",
        number=digits("number", "Card number", "cc-number"),
        expiry=digits("expiry", "Expiry (MM / YY)", "cc-exp"),
        cvc=digits("cvc", "CVC", "cc-csc"),
        name=_field("name", "Name on card", "cc-name", typed, mistakes),
    )


def _field(
    name: str,
    label: str,
    autocomplete: str,
    typed: Typed,
    mistakes: dict[str, str],
    *,
    inputmode: str = "text",
) -> Markup:
    """One field; the first that is wrong takes the focus, so that its sentence is read out."""
    wrong = name in mistakes
    is_first = wrong and next(iter(mistakes)) == name
    return fill(
        "parts/field.html",
        name=name,
        label=label,
        value=typed.get(name, ""),
        autocomplete=autocomplete,
        inputmode=inputmode,
        kind="field is-wrong" if wrong else "field",
        error=fill("parts/error.html", name=name, text=mistakes[name]) if wrong else NOTHING,
        marks=fill("parts/marks.html", name=name) if wrong else NOTHING,
        focus=fill("parts/focus.html") if is_first else NOTHING,
    )


# for trying things out -------------------------------------------------------------------


def _kit(world: World, session: Json) -> Markup:
    """What a real checkout has not: cards by outcome, and when the shop hears of it."""
    ways = joined(
        _radio("deliver", value, label, checked=world.behaviour.deliver == value)
        for value, label in DELIVERIES
    )
    means = _means_by_outcome(session) if session["amount_total"] else NOTHING
    return fill("parts/kit.html", cards=means, ways=ways)


def _radio(name: str, value: str, label: str, *, checked: bool) -> Markup:
    mark = fill("parts/checked.html") if checked else NOTHING
    return fill("parts/radio.html", name=name, value=value, label=label, checked=mark)


def _means_by_outcome(session: Json) -> Markup:
    groups: dict[str, list[Means]] = {name: [] for name in OUTCOMES}
    if CARD in session["payment_method_types"]:
        for card in CARDS.values():
            groups[_outcome(card)].append(card)
    if DEBIT in session["payment_method_types"]:
        groups[METHODS[DEBIT]] = list(ACCOUNTS.values())
    return fill("parts/cards.html", groups=joined(_group(*one) for one in groups.items() if one[1]))


def _outcome(card: TestCard) -> str:
    """The heading under which somebody looks for this card."""
    if card.challenge:
        return "The bank asks first"
    if card.decline:
        return "Declined"
    if card.dispute or card.warned:
        return "Disputed later"
    return "Refund trouble" if card.refund_fate else PAYS


def _group(title: str, means: Iterable[Means]) -> Markup:
    chips = joined(
        fill(
            "parts/chip.html",
            number=one.number,
            title=_short(one.title, title),
            shown=spaced(one.number),
        )
        for one in means
    )
    ident = title.lower().replace(" ", "-")
    kind = "chips long" if title == METHODS[DEBIT] else "chips"
    return fill("parts/group.html", ident=ident, title=title, kind=kind, chips=chips)


def _short(title: str, group: str) -> str:
    """Under "Declined" the card "Declined, no funds" is called "No funds"."""
    rest = title.removeprefix(f"{group}, ").removeprefix(f"{PAYS}, ")
    return rest[:1].upper() + rest[1:]
