"""The sandbox stands alone, and many may use it at the same time."""

import ast
import threading
from pathlib import Path

import payments.sandbox
from tests.stripe.conftest import make_client, order
from tests.stripe.test_hosted_page import GOOD, thanks, visit

SOURCES = sorted(Path(payments.sandbox.__file__).parent.glob("*.py"))
OURS = ("payments", "django", "accounts", "scheduling", "cms", "portal", "stripe")


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_it_knows_nothing_of_the_portal():
    assert len(SOURCES) > 20
    for source in SOURCES:
        for name in imported(ast.parse(source.read_text())):
            if name.partition(".")[0] in OURS:
                assert name.startswith("payments.sandbox"), f"{source.name} imports {name}"


def in_parallel(count, act):
    """Results of `act(number)` from threads that start together."""
    results, gate = [], threading.Barrier(count)

    def run(number):
        gate.wait()
        results.append(act(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_sixteen_clicks_at_once_take_the_money_once(stripe_server, client):
    session = client.v1.checkout.sessions.create(order(customer_email="nora@example.com"))

    answers = in_parallel(16, lambda _: visit(session.url, **GOOD)[:2])

    assert set(answers) == {(303, thanks(session))}
    assert len(client.v1.charges.list().data) == 1


def test_eight_workers_with_one_key_make_one_session(stripe_server):
    def make(_):
        client = make_client(stripe_server, retries=2)
        return client.v1.checkout.sessions.create(order(), {"idempotency_key": "checkout:41:1"}).id

    assert len(set(in_parallel(8, make))) == 1


def test_many_sessions_at_once_have_ids_of_their_own(stripe_server, client):
    def make(_):
        return make_client(stripe_server).v1.checkout.sessions.create(order()).id

    made = in_parallel(12, make)

    assert len(set(made)) == 12
    assert {one.id for one in client.v1.checkout.sessions.list({"limit": 100}).data} == set(made)
