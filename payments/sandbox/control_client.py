"""The control room from Python: what tests, journeys and the demo loader say to a sandbox."""

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime
from typing import Any

from payments.sandbox.shapes import Json

PATIENCE = 120.0  # a clock that moves by months does a lot before it answers


class SandboxRefused(Exception):
    """The sandbox would not do it; the text is its reason."""


class SandboxControl:
    """Talks to a running sandbox at `url`, wherever it was started."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    # money -------------------------------------------------------------------------------
    def pay(self, session_id: str, card: str = "4242424242424242", **more: str) -> Json:
        """Pay like the hosted page does, with a test card or the IBAN of a test account.

        The answer's "outcome" is paid, processing (a debit), declined or to_confirm.
        `more`: email, name, and confirm="fail" or "leave" for cards that ask the bank.
        """
        return self.post(f"checkout/{session_id}/pay", {"card": card, **more})

    def dispute(
        self,
        charge: str,
        *,
        reason: str = "fraudulent",
        amount: int | None = None,
        inquiry: bool = False,
    ) -> Json:
        """Let the bank dispute a charge (or a payment intent's, or a session's): the dispute."""
        order: Json = {"charge": charge, "reason": reason, "amount": amount, "inquiry": inquiry}
        return dict(self.post("disputes", order)["dispute"])

    def settle_dispute(self, dispute_id: str, outcome: str) -> Json:
        """Decide for the bank: "won", "lost", or "escalated" for an inquiry."""
        return dict(self.post(f"disputes/{dispute_id}/settle", {"outcome": outcome})["dispute"])

    def dashboard_refund(self, charge: str, amount: int | None = None) -> Json:
        """Refund as somebody does in Stripe's dashboard: without metadata, behind the shop."""
        return dict(self.post("refunds", {"charge": charge, "amount": amount})["refund"])

    def fail_refund(self, refund_id: str, reason: str = "expired_or_canceled_card") -> Json:
        """Let the bank send a refund back that had succeeded or was pending."""
        return dict(self.post(f"refunds/{refund_id}/fail", {"reason": reason})["refund"])

    def fail_debit(self, charge_id: str) -> Json:
        """Let the bank return a SEPA debit that had succeeded: the charge."""
        return dict(self.post(f"charges/{charge_id}/fail")["charge"])

    def next_refund(self, fate: str) -> None:
        """The next refund made over the API: "pending", "requires_action" or "fails"."""
        self.post("settings", {"next_refund": fate})

    def run_payouts(self) -> list[Json]:
        """Pay out now whatever is available."""
        return list(self.post("payouts/run")["payouts"])

    def next_payout(self, fate: str) -> None:
        """The next payout "fails" instead of arriving, or "fails_late": two days after."""
        self.post("settings", {"next_payout": fate})

    def fail_payout(self, payout_id: str, code: str = "account_closed") -> Json:
        """Let the bank send a payout back, also one that was paid."""
        return dict(self.post(f"payouts/{payout_id}/fail", {"code": code})["payout"])

    def add_balance_row(
        self,
        amount: int,
        *,
        kind: str = "adjustment",
        category: str | None = None,
        fee: int = 0,
        currency: str | None = None,
        **more: str,
    ) -> Json:
        """A row that no payment caused. `more`: source, description, available_in ("2d").

        For instance kind="stripe_fee", or category="capital" for one nobody has heard of.
        """
        order = {"amount": amount, "type": kind, "reporting_category": category, "fee": fee}
        reply = self.post("balance", {**order, "currency": currency, **more})
        return dict(reply["balance_transaction"])

    # time --------------------------------------------------------------------------------
    def now(self) -> int:
        return int(self.get("clock")["now"])

    def advance(self, duration: str | int) -> int:
        """Move by "25h", "3d", "1d12h" or seconds; what is due on the way has happened then."""
        return int(self.post("clock", {"advance": duration})["now"])

    def set_clock(self, moment: datetime | int, *, freeze: bool | None = None) -> int:
        """Go to a moment: forwards, or anywhere while the sandbox is empty."""
        epoch = int(moment.timestamp()) if isinstance(moment, datetime) else moment
        order: Json = {"set": epoch} | ({} if freeze is None else {"freeze": freeze})
        return int(self.post("clock", order)["now"])

    def freeze(self) -> None:
        self.post("clock", {"freeze": True})

    def unfreeze(self) -> None:
        self.post("clock", {"freeze": False})

    def follow_real_time(self) -> None:
        self.post("clock", {"real": True})

    # webhooks ----------------------------------------------------------------------------
    def deliver(self, when: str) -> None:
        """Send webhooks "before" the redirect to the shop, "after" it, or "never"."""
        self.post("settings", {"deliver": when})

    def set_webhook_url(self, url: str | None, secret: str | None = None) -> None:
        order: Json = {"webhook_url": url} | ({"webhook_secret": secret} if secret else {})
        self.post("settings", order)

    def roll_webhook_secret(self, secret: str, overlap: str = "24h") -> None:
        """Sign with a new secret, and for some time with the old one too."""
        self.post("settings", {"webhook_secret": secret, "webhook_secret_overlap": overlap})

    def events(self, kind: str | None = None, limit: int = 100) -> list[Json]:
        """Newest first, each with its "deliveries"; `kind` may end in a star."""
        query = {"limit": str(limit)} | ({"type": kind} if kind else {})
        return list(self.get(f"events?{urllib.parse.urlencode(query)}")["events"])

    def hold(self, held: bool = True) -> None:
        """Let deliveries wait from now on."""
        self.post("events", {"hold": held})

    def release(self, what: list[str] | str = "all", order: str = "") -> int:
        """Send what is held: event ids in this order, or all, straight, "reverse", "shuffle"."""
        return int(self.post("events", {"release": what, "order": order})["sent"])

    def duplicate(self, event_id: str) -> None:
        """Deliver the same event once more."""
        self.post("events", {"duplicate": event_id})

    def twin(self, event_id: str) -> None:
        """Deliver another event, with another id, for the same change."""
        self.post("events", {"twin": event_id})

    def drop(self, event_id: str) -> None:
        self.post("events", {"drop": event_id})

    def delivery_fault(self, kind: str, *, of: str = "*", count: int = 1, **more: Any) -> None:
        """Spoil the next deliveries of events of this type, which may have stars.

        Kinds: delay (seconds=10), malformed, stale, unsigned, wrong_secret. A delivery that the
        shop refuses comes again, in order.
        """
        self.post("events", {"fault": kind, "type": of, "count": count, **more})

    def emit(self, kind: str, about: str | None = None, **more: Any) -> None:
        """An event out of nothing, of any type. `more`: api_version, livemode, account."""
        self.post("events", {"emit": kind, "object": about, **more})

    # trouble and knobs -------------------------------------------------------------------
    def fault(self, *, kind: str, path: str = "/v1/", count: int = 1, **more: Any) -> None:
        """Let the next `count` requests fail. Kinds: see faults.py.

        `more`: method; seconds; share=0.2 for every fifth call; retry="true" or "false".
        """
        self.post("faults", {"kind": kind, "path": path, "count": count, **more})

    def clear_faults(self) -> None:
        self._call("DELETE", "faults", None)

    def settings(self, **changes: Any) -> Json:
        """Read the settings, or change some of them."""
        return self.post("settings", changes) if changes else self.get("settings")

    def allow_key(self, key: str, *permissions: str) -> None:
        """Take a restricted key, rk_test_sandbox_..., with these permissions: "charge_read"."""
        self.post("keys", {"key": key, "permissions": list(permissions)})

    def log(self, limit: int = 100) -> list[Json]:
        return list(self.get(f"log?limit={limit}")["log"])

    def reset(self) -> None:
        self.post("reset")

    # HTTP --------------------------------------------------------------------------------
    def get(self, name: str) -> Json:
        return self._call("GET", name, None)

    def post(self, name: str, order: Json | None = None) -> Json:
        return self._call("POST", name, order or {})

    def _call(self, method: str, name: str, order: Json | None) -> Json:
        request = urllib.request.Request(  # noqa: S310 - the address is the sandbox's own
            f"{self.url}/_sandbox/{name}",
            method=method,
            data=None if order is None else json.dumps(order).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                reply: Json = json.load(answer)
        except urllib.error.HTTPError as problem:
            reason = problem.read().decode("utf-8", "replace")
            raise SandboxRefused(reason) from problem
        return reply
