"""kill -9 of web, worker or Stripe between any two steps: nothing is lost, nothing comes twice."""

import itertools
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from payments.sandbox import DEFAULT_KEY, DEFAULT_WEBHOOK_SECRET
from payments.sandbox.control_client import SandboxControl
from payments.sandbox.testing import RunningSandbox
from tests.journeys.running import free_port
from tests.races.crew import ROOT, environment_for

ENGINES = ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]
ROUNDS_OF_WORK = ("1m", "10m", "2h")  # past every lease and back-off
_names = itertools.count(1)


class StripeProcess(SandboxControl):
    """The local Stripe server as a process that can be killed and started on the same data."""

    key, webhook_secret = DEFAULT_KEY, DEFAULT_WEBHOOK_SECRET

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(f"http://127.0.0.1:{port}")
        self._command = [
            *(sys.executable, "manage.py", "stripe_sandbox", f"--port={port}"),
            *(f"--database={folder / 'stripe.sqlite3'}", f"--key={self.key}"),
        ]
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=environment_for("sqlite://:memory:"),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline(), "the local Stripe server did not start"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)


class Story:
    """One portal, in processes that die when told to, and the Stripe it talks to."""

    def __init__(self, engine_url: str, stripe) -> None:
        self.stripe = stripe
        self.told: set[str] = set()
        environment = environment_for(engine_url) | {
            "STRIPE_API_BASE": stripe.url,
            "STRIPE_SECRET_KEY": stripe.key,
            "STRIPE_WEBHOOK_SECRETS": stripe.webhook_secret,
            "EMAIL_URL": "dummymail://",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.races.doomed"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(30)

    def tell(self, **told) -> dict:
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer

    def tool(self, tool: str, **wanted):
        return self.tell(tool=tool, wanted=wanted)["found"]

    def act(self, act: str, *, die_at: int = 0, pid: int = 0, **wanted) -> dict:
        return self.tell(act=act, wanted={**wanted, "at": self.at}, die_at=die_at, pid=pid)

    @property
    def at(self) -> str:
        return datetime.fromtimestamp(self.stripe.now(), tz=UTC).isoformat()

    def shop(self) -> dict:
        return self.tool("shop", name=f"crash-{time.time_ns()}-{next(_names)}", at=self.at)

    def news(self) -> list[dict]:
        """Stripe's events that nobody was told of yet, the oldest first."""
        fresh = [event for event in self.stripe.events()[::-1] if event["id"] not in self.told]
        self.told |= {event["id"] for event in fresh}
        return [{k: v for k, v in event.items() if k != "deliveries"} for event in fresh]

    def settle(self) -> None:
        """Everybody is back: the worker goes round until all that was leased is free again."""
        for wait in ROUNDS_OF_WORK:
            self.stripe.advance(wait)
            done = self.act("work")
            assert "raised" not in done, done


def purchase(story: Story, made: dict, *, where: str = "", die_at: int = 0, pid=lambda: 0) -> bool:
    """A runner buys a package; what she does, she does again when nothing came back.

    One act dies at a step. Whether there was such a step.
    """
    struck = False

    def do(name: str, **wanted):
        nonlocal struck
        if name == where:
            first = story.act(name, die_at=die_at, pid=pid(), **wanted)
            struck = first.get("died", False) or first.get("steps", 0) >= die_at
            if isinstance(story.stripe, StripeProcess) and struck:
                story.stripe.stop()
                story.stripe.start()
            if not first.get("died") and "raised" not in first:
                return first["found"]
        again = story.act(name, **wanted)
        assert "found" in again, again
        return again["found"]

    bought = do("buy", **made)
    assert story.stripe.pay(bought["session"])["outcome"] == "paid"
    do("hear", events=story.news(), secret=story.stripe.webhook_secret)
    do("come_back", session=bought["session"])
    do("work")
    return struck


def every_step(story: Story, where: str, *, pid=lambda: 0) -> int:
    """Kill at the first step, the second, and so on until the act has no further one.

    Each time another runner buys; afterwards all of them have what the first one has, whom
    nothing befell. The number of kills.
    """
    unharmed = story.shop()
    purchase(story, unharmed)
    harmed = []
    for die_at in itertools.count(1):
        made = story.shop()
        harmed.append(made)
        if not purchase(story, made, where=where, die_at=die_at, pid=pid):
            break
    story.settle()

    expected = story.tool("state", runner=unharmed["runner"])
    assert expected["paid orders"] == expected["lots"] == expected["charges"] == 1
    assert expected["breaches"] == []
    for step, made in enumerate(harmed, start=1):
        found = story.tool("state", runner=made["runner"])
        assert found == expected, f"after a kill at step {step} of {where}"
    return len(harmed) - 1


@pytest.fixture(params=ENGINES)
def story(request):
    with RunningSandbox() as stripe:
        stripe.deliver("never")
        story = Story(request.getfixturevalue(request.param), stripe)
        yield story
        story.close()


@pytest.mark.parametrize("where", ["buy", "hear", "come_back", "work"])
def test_web_and_worker_may_die_at_any_step_of_a_purchase(story, where):
    assert every_step(story, where) >= 4


@pytest.mark.parametrize("where", ["buy", "come_back"])
def test_stripe_may_die_at_any_step_of_a_purchase(sqlite_url, tmp_path, where):
    stripe = StripeProcess(tmp_path, free_port())
    stripe.start()
    stripe.deliver("never")
    story = Story(sqlite_url, stripe)
    try:
        assert every_step(story, where, pid=lambda: stripe.process.pid) >= 4
    finally:
        story.close()
        stripe.stop()
