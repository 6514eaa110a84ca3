"""The control room as somebody uses it without JavaScript: forms found by their buttons."""

import re
import urllib.error
import urllib.parse
import urllib.request

from tests.stripe.conftest import order
from tests.stripe.test_hosted_page import OPENER, visit


class Room:
    """The pages of a running sandbox, followed from page to button and back."""

    def __init__(self, url: str) -> None:
        self.url = url

    def read(self, page: str = "/") -> str:
        status, _, text = visit(self.url + page)
        assert status == 200
        return text

    def press(self, label: str, *, on: str = "/", **typed: str) -> str:
        """Send the first form that has this button; the page it leads back to."""
        form = next(form for form in forms(self.read(on)) if f">{label}<" in form)
        form = re.sub(r'<input[^>]*type="checkbox"(?![^>]* checked)[^>]*>', "", form)
        fields = dict(re.findall(r'name="([^"]+)"[^>]* value="([^"]*)"', form))
        action = re.search(r'action="([^"]+)"', form).group(1)
        status, back = self.post(action, fields | typed, Referer=self.url + on)
        assert (status, back) == (303, on)
        return self.read(on)

    def post(self, action: str, fields: dict, **headers: str) -> tuple[int, str | None]:
        data = urllib.parse.urlencode(fields).encode()
        try:
            OPENER.open(urllib.request.Request(self.url + action, data, headers))
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers.get("Location")
        raise AssertionError("an act answers with a redirect or a refusal")


def forms(page: str) -> list[str]:
    """Each with spaces instead of line ends, and without what only screen readers hear."""
    silent = re.sub(r'<span class="heard">[^<]*</span>', "", page).replace("\n", " ")
    return re.findall(r"<form.*?</form>", silent)


def paid(sandbox, client, card="4242424242424242", amount=31500):
    session = client.v1.checkout.sessions.create(order(amount, customer_email="nora@example.com"))
    sandbox.pay(session.id, card)
    return client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
