import pytest

from tests.scheduling.builders import Practice, make_practice, make_runner_with_credits


@pytest.fixture
def practice(db) -> Practice:
    return make_practice()


@pytest.fixture
def runner(practice):
    """A runner with five credits for the 60 minute session."""
    return make_runner_with_credits(practice=practice)
