"""What the control room says after a button was pressed: what has happened, in a sentence."""

from collections.abc import Callable

from payments.sandbox.money import formatted
from payments.sandbox.room_pieces import moment
from payments.sandbox.shapes import Json

OF_DISPUTES = {
    "won": "The dispute was won: {amount} is on its way back, the fee is not.",
    "lost": "The dispute over {amount} was lost.",
    "warning_closed": "The bank asks no more about {amount}.",
    "needs_response": "The inquiry is a dispute now, and {amount} was taken back.",
}


def sentence(name: str, order: Json, reply: Json) -> str:
    first, _, rest = name.partition("/")
    tell = SENTENCES.get(f"{first}/{rest.rpartition('/')[2]}" if rest else first)
    return tell(order, reply) if tell else "Done."


def _of_clock(order: Json, reply: Json) -> str:
    now = f"It is {moment(reply['now'])} UTC."
    if "advance" in order:
        return f"The clock went on by {order['advance']}, and all that fell due has happened. {now}"
    if "set" in order:
        return f"The clock was set. {now}"
    if "freeze" in order:
        return f"The clock {'stands still' if reply['frozen'] else 'runs again'}. {now}"
    return f"The clock follows real time. {now}"


def _of_payment(order: Json, reply: Json) -> str:
    session = reply["session"]
    total = formatted(session["amount_total"], session["currency"])
    if reply["outcome"] == "declined":
        return f"The payment of {total} was declined: {reply['message']}"
    if reply["outcome"] == "to_confirm":
        return f"The payment of {total} waits for the payer to confirm it."
    if reply["outcome"] == "processing":
        return f"The debit of {total} is on its way."
    return f"{total} was paid."


def _of_dispute(order: Json, reply: Json) -> str:
    dispute = reply["dispute"]
    amount = formatted(dispute["amount"], dispute["currency"])
    if "outcome" in order:
        return OF_DISPUTES[dispute["status"]].format(amount=amount)
    if dispute["status"].startswith("warning"):
        return f"The bank asks about {amount}; no money has moved."
    return f"The bank disputes {amount} and has taken it back."


def _of_refund(order: Json, reply: Json) -> str:
    refund = reply["refund"]
    amount = formatted(refund["amount"], refund["currency"])
    state = refund["status"].replace("_", " ")
    return f"Refund of {amount} in Stripe's dashboard, behind the shop's back: {state}."


def _of_failed_refund(order: Json, reply: Json) -> str:
    refund = reply["refund"]
    amount = formatted(refund["amount"], refund["currency"])
    return f"The refund of {amount} has failed; the money is back in the balance."


def _of_returned_debit(order: Json, reply: Json) -> str:
    charge = reply["charge"]
    amount = formatted(charge["amount"], charge["currency"])
    return f"The payer's bank sent the debit of {amount} back."


def _of_payouts(order: Json, reply: Json) -> str:
    made = [formatted(one["amount"], one["currency"]) for one in reply["payouts"]]
    if not made:
        return "Nothing is available, so nothing was paid out."
    return f"{' and '.join(made)} left for the bank and will arrive in a few hours."


def _of_payout_by_hand(order: Json, reply: Json) -> str:
    amount = formatted(reply["amount"], reply["currency"])
    return f"A payout of {amount} by hand will leave; until then it can be cancelled."


def _of_cancelled_payout(order: Json, reply: Json) -> str:
    return f"The payout of {formatted(reply['amount'], reply['currency'])} was cancelled."


def _of_failed_payout(order: Json, reply: Json) -> str:
    payout = reply["payout"]
    amount = formatted(payout["amount"], payout["currency"])
    return f"The bank sent the payout of {amount} back: {payout['failure_message']}"


def _of_row(order: Json, reply: Json) -> str:
    row = reply["balance_transaction"]
    return f"{formatted(row['net'], row['currency'])} as {row['type']} is in the balance now."


def _of_expired_checkout(order: Json, reply: Json) -> str:
    total = formatted(reply["amount_total"], reply["currency"])
    return f"The checkout of {total} is closed; nobody can pay it any more."


def _of_faults(order: Json, reply: Json) -> str:
    way = f"{order.get('method', '')} {order.get('path', '/v1/')}".strip()
    return f"{_next('call', 'calls', order)} to {way} will meet {order['kind']}."


def _next(one: str, many: str, order: Json) -> str:
    count = int(order.get("count", 1))
    return f"The next {one}" if count == 1 else f"The next {count} {many}"


def _of_cleared_faults(order: Json, reply: Json) -> str:
    return "No fault waits any more."


def _of_settings(order: Json, reply: Json) -> str:
    changed = ", ".join(
        f"{name.replace('_', ' ')} is {value or 'not set'}" for name, value in order.items()
    )
    return f"Changed: {changed}."


def _of_events(order: Json, reply: Json) -> str:
    sent = f"{reply['sent']} sent." if reply["sent"] else "Nothing was sent."
    if "hold" in order:
        if reply["hold"]:
            return "Webhooks are held from now on, until you release them."
        return "New webhooks go out again. Those that were held wait for their release."
    if "release" in order:
        way = {"reverse": "in reverse ", "shuffle": "shuffled "}.get(order.get("order", ""), "")
        return f"Released {way}what was held: {sent}"
    if "fault" in order:
        what = order["fault"].replace("_", " ")
        return f"{_next('delivery', 'deliveries', order)} of {order['type']}: {what}."
    if "emit" in order:
        return f"{order['emit']} was made up. {sent}"
    if "drop" in order:
        return "Dropped: the shop will not hear of it."
    if "twin" in order:
        return f"A second event with its own id tells the same change. {sent}"
    return f"The event goes out once more. {sent}"


def _of_reset(order: Json, reply: Json) -> str:
    return "Everything is forgotten but the address of the webhooks."


SENTENCES: dict[str, Callable[[Json, Json], str]] = {
    "clock": _of_clock,
    "checkout/pay": _of_payment,
    "disputes": _of_dispute,
    "disputes/settle": _of_dispute,
    "refunds": _of_refund,
    "refunds/fail": _of_failed_refund,
    "charges/fail": _of_returned_debit,
    "payouts/run": _of_payouts,
    "payouts": _of_payout_by_hand,
    "payouts/cancel": _of_cancelled_payout,
    "payouts/fail": _of_failed_payout,
    "balance": _of_row,
    "checkout/expire": _of_expired_checkout,
    "faults": _of_faults,
    "faults/clear": _of_cleared_faults,
    "settings": _of_settings,
    "events": _of_events,
    "reset": _of_reset,
}
