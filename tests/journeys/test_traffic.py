"""What portal and local Stripe server said to each other in the journeys, held to Stripe's word.

The file's name puts it after the journeys, whose traffic it reads.
"""

from tests.journeys.running import RunningPortal
from tests.stripe.kit import check, coverage_of, needs_kit


@needs_kit
def test_the_journeys_kept_to_stripes_specification(portal: RunningPortal, capsys) -> None:
    run = check(
        portal.folder / "stripe-traffic.jsonl", secret=portal.sandbox.webhook_secret, at_least=20
    )
    with capsys.disabled():
        print(f"\n{coverage_of(run)}")

    assert run.returncode == 0, run.stdout + run.stderr
    assert ": 0 errors" in run.stdout
