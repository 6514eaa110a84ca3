"""The hosted checkout: what the customer meets at a session's url. No JavaScript is needed."""

import re
import urllib.parse
from dataclasses import replace

from payments.sandbox.cards import CARDS
from payments.sandbox.checkout_form import DELIVERIES, show_form
from payments.sandbox.delivery import deliver_due
from payments.sandbox.jobs import run_due
from payments.sandbox.markup import HERE, NOTHING, Markup, fill, joined, page, redirect
from payments.sandbox.money import formatted
from payments.sandbox.payer_input import (
    Typed,
    means_of,
    mistakes,
    payer_of,
    read_typed,
    typed_for,
)
from payments.sandbox.paying import (
    Declined,
    Outcome,
    Paid,
    ToConfirm,
    complete_free,
    confirm,
    pay,
)
from payments.sandbox.shapes import Answer, Json, Request
from payments.sandbox.world import World

PATH = re.compile(r"/c/pay/(cs_test_\w+)(/confirmation)?\Z")
TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def handle(world: World, request: Request) -> Answer:
    match = PATH.match(request.path)
    with world.store.transaction():
        now = world.now
        run_due(world, upto=now)
        session = world.store.get("checkout.session", match.group(1)) if match else None
        if match is None or session is None:
            return _no_such_checkout()
        if session["status"] != "open":
            return _over(world, request, session)
        act = _confirmation if match.group(2) else _payment
        answer, outcome = act(world, request, session, now)
    if isinstance(outcome, Paid) and world.behaviour.deliver == "before":
        # Outside the transaction: the shop may call the API while it takes the webhook.
        deliver_due(world, patient=False)
    return answer


def success_url(session: Json) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def static_file(name: str) -> Answer:
    path = HERE / "static" / name
    if path.parent != HERE / "static" or path.suffix not in TYPES or not path.is_file():
        return Answer(404, b"not found", {"Content-Type": "text/plain"})
    headers = {"Content-Type": TYPES[path.suffix], "Cache-Control": "no-cache"}
    return Answer(200, path.read_bytes(), headers)


# paying ----------------------------------------------------------------------------------


def _payment(
    world: World, request: Request, session: Json, now: int
) -> tuple[Answer, Outcome | None]:
    if request.method != "POST":
        return show_form(world, session, read_typed(session, {}), {}), None
    sent = dict(urllib.parse.parse_qsl(request.text, keep_blank_values=True))
    _choose_delivery(world, sent.get("deliver", ""))
    typed = read_typed(session, sent)
    if wrong := mistakes(session, typed, now):
        return show_form(world, session, typed, wrong, status=422), None
    outcome = _attempt(world, session, typed, now)
    if isinstance(outcome, Declined):
        return _refused(world, session, typed, outcome), outcome
    if isinstance(outcome, ToConfirm):
        return redirect(f"/c/pay/{session['id']}/confirmation"), outcome
    return redirect(success_url(outcome.session)), outcome


def _choose_delivery(world: World, way: str) -> None:
    """The choice beside the test cards is the sandbox's setting; it stays until the next one."""
    for known, _ in DELIVERIES:
        if way == known != world.behaviour.deliver:
            world.behaviour = replace(world.behaviour, deliver=known)
            world.behaviour.keep(world.store)


def _attempt(world: World, session: Json, typed: Typed, now: int) -> Outcome:
    payer = payer_of(typed)
    means = means_of(typed)
    if means is None or not session["amount_total"]:
        return complete_free(world, session, payer=payer, at=now)
    return pay(world, session, means, payer=payer, at=now)


def _refused(world: World, session: Json, typed: Typed, outcome: Declined) -> Answer:
    refusal = outcome.decline.for_payer
    return show_form(world, session, typed, {}, refusal=refusal, status=402)


# the bank's question ---------------------------------------------------------------------


def _confirmation(
    world: World, request: Request, session: Json, now: int
) -> tuple[Answer, Outcome | None]:
    intent = world.store.get("payment_intent", session["payment_intent"])
    if intent is None or intent["status"] != "requires_action":
        return redirect(f"/c/pay/{session['id']}"), None
    if request.method != "POST":
        return _question(world, session, intent), None
    sent = dict(urllib.parse.parse_qsl(request.text))
    outcome = confirm(world, session, succeeds=sent.get("answer") == "complete", at=now)
    if isinstance(outcome, Declined):
        known = {name: intent["_payer"].get(name) or "" for name in ("email", "name")}
        typed = typed_for(CARDS[intent["_card"]], known)
        return _refused(world, session, typed, outcome), outcome
    return redirect(success_url(session)), outcome


def _question(world: World, session: Json, intent: Json) -> Answer:
    body = fill(
        "confirmation.html",
        facts=_facts(
            ("To", world.behaviour.business_name),
            ("Amount", formatted(session["amount_total"], session["currency"])),
            ("Card", f"ending {intent['_card'][-4:]}"),
        ),
        other=f"/c/pay/{session['id']}",
    )
    return page(title="Confirm with your bank", kind="checkout one", body=body)


# when there is nothing to pay any more ---------------------------------------------------


def _over(world: World, request: Request, session: Json) -> Answer:
    """A second click after paying goes where the first one went."""
    if session["status"] != "complete":
        return _never_paid(world, session)
    if request.method == "POST":
        return redirect(success_url(session))
    kind, mark, title, words = _how_it_ended(world, session)
    total = formatted(session["amount_total"], session["currency"])
    return _state(
        title=title,
        kind=kind,
        mark=mark,
        words=words,
        facts=_facts(("To", world.behaviour.business_name), ("Amount", total)),
        way_on=("Go on to the shop", success_url(session)),
    )


def _how_it_ended(world: World, session: Json) -> tuple[str, str, str, str]:
    """Kind, mark, title and words for a complete checkout; a debit may be under way, or back."""
    if session["payment_status"] != "unpaid":
        words = "It was taken once and will not be taken again. The shop has the rest for you."
        return "good", "Paid", "This is paid", words
    intent = world.store.fetch("payment_intent", session["payment_intent"])
    if intent["status"] == "processing":
        words = "Your bank has not answered yet. The shop hears of it as soon as the money is here."
        return "warn", "Processing", "Your debit is on its way", words
    words = "Your bank sent the debit back. Nothing was taken. The shop can tell you what to do."
    return "bad", "Failed", "The debit did not go through", words


def _never_paid(world: World, session: Json) -> Answer:
    by_shop = world.now < session["expires_at"]
    return _state(
        title="This checkout was cancelled" if by_shop else "This checkout has expired",
        kind="warn",
        mark="Cancelled" if by_shop else "Expired",
        words=(
            "The shop closed it before it was paid. Nothing was taken. If you still want to buy, "
            "start again there."
            if by_shop
            else "Nothing was taken. Go back and start again; it takes a minute."
        ),
        way_on=("Back to the shop", session["cancel_url"]),
        status=410,
    )


def _no_such_checkout() -> Answer:
    return _state(
        title="There is no such checkout",
        kind="warn",
        mark="Not found",
        words="The address is not complete, or the sandbox was reset since. Nothing was taken.",
        status=404,
    )


def _state(
    *,
    title: str,
    kind: str,
    mark: str,
    words: str,
    facts: Markup = NOTHING,
    way_on: tuple[str, str | None] = ("", None),
    status: int = 200,
) -> Answer:
    label, url = way_on
    body = fill(
        "state.html",
        kind=kind,
        mark=mark,
        title=title,
        words=words,
        facts=facts,
        way_on=fill("parts/way_on.html", url=url, label=label) if url else NOTHING,
    )
    return page(title=title, kind="checkout one", body=body, status=status)


def _facts(*pairs: tuple[str, str]) -> Markup:
    rows = joined(fill("parts/fact.html", name=name, value=value) for name, value in pairs)
    return fill("parts/facts.html", rows=rows)
