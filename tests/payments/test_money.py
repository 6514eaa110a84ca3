"""Minor units that add up, whatever they are divided by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.money import next_values, split_evenly, tax_inside

AMOUNTS = st.integers(min_value=0, max_value=10_000_000)


@pytest.mark.parametrize(
    ("amount", "parts", "expected"),
    [
        (10000, 3, [3334, 3333, 3333]),
        (44900, 5, [8980] * 5),
        (1, 3, [1, 0, 0]),
        (0, 2, [0, 0]),
        (26001, 5, [5201, 5200, 5200, 5200, 5200]),
    ],
)
def test_division_is_exact_and_larger_first(amount, parts, expected):
    assert split_evenly(amount, parts) == expected


@given(AMOUNTS, st.integers(min_value=1, max_value=200))
def test_parts_add_up_and_differ_by_a_penny_at_most(amount, parts):
    values = split_evenly(amount, parts)

    assert sum(values) == amount
    assert values == sorted(values, reverse=True)
    assert values[0] - values[-1] <= 1


@given(AMOUNTS, st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=12))
def test_units_leaving_in_any_portions_are_worth_what_was_paid(amount, portions):
    units, left, gone = sum(portions), amount, []
    for portion in portions:
        gone += next_values(left, units - len(gone), portion)
        left = amount - sum(gone)

    assert gone == split_evenly(amount, units)
    assert left == 0


@pytest.mark.parametrize(("amount", "parts"), [(5, 0), (-1, 2)])
def test_what_cannot_be_divided_is_refused(amount, parts):
    with pytest.raises(ValueError, match="divided"):
        split_evenly(amount, parts)


@pytest.mark.parametrize(
    ("price", "rate", "tax"), [(24000, 2000, 4000), (5800, 2000, 967), (5800, 0, 0), (3, 2000, 1)]
)
def test_tax_contained_in_a_price(price, rate, tax):
    assert tax_inside(price, rate) == tax
