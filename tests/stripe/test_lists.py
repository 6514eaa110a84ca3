"""Lists with cursors of their own."""

import pytest
import stripe

from tests.stripe.conftest import order


def test_the_lines_of_a_session_are_read_a_page_at_a_time(client):
    line = order()["line_items"][0]
    session = client.v1.checkout.sessions.create(
        order(line_items=[line | {"quantity": count} for count in range(1, 8)])
    )
    lines = client.v1.checkout.sessions.line_items

    found = list(lines.list(session.id, {"limit": 3}).auto_paging_iter())
    back = lines.list(session.id, {"limit": 2, "ending_before": found[4].id})

    assert [line.quantity for line in found] == [1, 2, 3, 4, 5, 6, 7]
    assert [line.quantity for line in back.data] == [3, 4]
    assert back.has_more
    with pytest.raises(stripe.InvalidRequestError, match="No such item") as caught:
        lines.list(session.id, {"starting_after": "li_none"})
    assert caught.value.param == "starting_after"
