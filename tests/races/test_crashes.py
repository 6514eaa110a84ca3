"""kill -9 of web, worker or Stripe between any two steps: nothing is lost, nothing comes twice."""

import itertools
import json
import random
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
from tests.migrated import ROOT, environment_for

SQLITE, ON_POSTGRES = "sqlite_url", pytest.mark.postgres
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


class Doing:
    """Acts of one story, of which one dies at a step and is done again, as people would."""

    def __init__(self, story: Story, where: str, die_at: int, pid) -> None:
        self.story, self.where, self.die_at, self.pid = story, where, die_at, pid
        self.struck = False

    def __call__(self, name: str, **wanted):
        if name == self.where:
            self.where = ""
            first = self.story.act(name, die_at=self.die_at, pid=self.pid(), **wanted)
            self.struck = first.get("died", False) or first.get("steps", 0) >= self.die_at
            if isinstance(self.story.stripe, StripeProcess) and self.struck:
                self.story.stripe.stop()
                self.story.stripe.start()
            if not first.get("died") and "raised" not in first:
                return first["found"]
        again = self.story.act(name, **wanted)
        assert "found" in again, again
        return again["found"]


def purchase(story: Story, made: dict, do: Doing) -> dict:
    """A runner buys a package."""
    bought = do("buy", **made)
    assert story.stripe.pay(bought["session"])["outcome"] == "paid"
    do("hear", events=story.news(), secret=story.stripe.webhook_secret)
    do("come_back", session=bought["session"])
    if do.where == "work":
        do("work")
    return bought


def purchase_and_refund(story: Story, made: dict, do: Doing) -> None:
    """She buys five, and gets two of them back."""
    bought = purchase(story, made, Doing(story, "", 0, lambda: 0))
    said = story.tool("sums", order=bought["order"], units=2, at=story.at)
    do("pay_back", order=bought["order"], **said)
    do("hear", events=story.news(), secret=story.stripe.webhook_secret)
    if do.where == "work":
        do("work")


def every_step(story: Story, where: str, *, tale=purchase, stride: int = 1, pid=lambda: 0) -> int:
    """Kill at the first step, the second, and so on until the act has no further one.

    With a `stride` only at some of them, beginning with one by chance: an act of many steps that
    are alike takes its turn over several runs.

    Each time another runner buys; afterwards all of them have what the first one has, whom
    nothing befell. The number of kills.
    """
    unharmed = story.shop()
    tale(story, unharmed, Doing(story, "", 0, pid))
    harmed = {}
    for die_at in itertools.count(random.randint(1, stride), stride):
        made = story.shop()
        harmed[die_at] = made
        do = Doing(story, where, die_at, pid)
        tale(story, made, do)
        if not do.struck:
            break
    story.settle()

    expected = story.tool("state", runner=unharmed["runner"])
    assert expected["paid orders"] == expected["lots"] == expected["charges"] == 1
    assert story.tool("wrongs") == []
    for die_at, made in harmed.items():
        found = story.tool("state", runner=made["runner"])
        assert found == expected, f"after a kill at step {die_at} of {where}"
    return len(harmed) - 1


@pytest.fixture
def story(request):
    """On the engine that the test names."""
    with RunningSandbox() as stripe:
        stripe.deliver("never")
        story = Story(request.getfixturevalue(request.param), stripe)
        yield story
        story.close()


@pytest.mark.parametrize(
    ("story", "where", "tale", "stride"),
    [
        (SQLITE, "buy", purchase, 1),
        (SQLITE, "hear", purchase, 3),
        (SQLITE, "come_back", purchase, 1),
        (SQLITE, "work", purchase, 5),
        (SQLITE, "pay_back", purchase_and_refund, 1),
        (SQLITE, "work", purchase_and_refund, 7),
        pytest.param("postgres_url", "come_back", purchase, 2, marks=ON_POSTGRES),
        pytest.param("postgres_url", "pay_back", purchase_and_refund, 2, marks=ON_POSTGRES),
    ],
    indirect=["story"],
)
def test_web_and_worker_may_die_at_any_step(story, where, tale, stride):
    assert every_step(story, where, tale=tale, stride=stride) >= 1


@pytest.fixture
def mortal_stripe(sqlite_url, tmp_path):
    """The same with a Stripe that can be killed."""
    stripe = StripeProcess(tmp_path, free_port())
    stripe.start()
    stripe.deliver("never")
    story = Story(sqlite_url, stripe)
    yield story
    story.close()
    stripe.stop()


@pytest.mark.parametrize(
    ("where", "tale"),
    [("buy", purchase), ("pay_back", purchase_and_refund)],
)
def test_stripe_may_die_at_any_step(mortal_stripe, where, tale):
    stripe = mortal_stripe.stripe
    assert every_step(mortal_stripe, where, tale=tale, pid=lambda: stripe.process.pid) >= 1
