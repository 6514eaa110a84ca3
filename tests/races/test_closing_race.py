"""The books are closed while others post: an entry is in what was closed, or after it."""

from collections import Counter

from tests.races.crew import words

POSTED, CLOSED = "2020-03-15T12:00:00+00:00", "2020-03-31"
LATER = "2020-04-02T09:00:00+00:00"
EACH = 12


def test_no_entry_slips_into_a_period_while_it_is_closed(crew):
    runner = crew.practice(therapists=1, rooms=1, runners=1)["runners"][0]
    crew.do("post", source=f"first:{runner}", on=POSTED, at=LATER)
    posts = [
        ("post", {"source": f"{runner}:{number}", "on": POSTED, "at": LATER})
        for number in range(2 * EACH)
    ]
    close = ("close", {"until": CLOSED, "by": runner, "at": LATER})

    ended = crew.race([*posts[:EACH], close, close, *posts[EACH:]])

    assert words(ended) == Counter({"post": 2 * EACH, "close": 2})
    counted = crew.use("closed", until=CLOSED)
    assert counted["then"] == counted["now"]
    assert counted["now"] + counted["late"] == 100 * (2 * EACH + 1)
