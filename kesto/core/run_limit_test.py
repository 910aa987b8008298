import pytest

from kesto.core.run_limit import RunLimit, RunSize, has_changed


@pytest.mark.parametrize(
    ("invoices", "total_minor", "is_exceeded"),
    [
        (None, None, False),
        (100, None, False),
        (99, None, True),
        (None, 5000, False),
        (None, 4999, True),
        (100, 4999, True),
        (99, 5000, True),
        (0, None, True),
    ],
)
def test_a_run_is_above_a_limit_from_the_first_one_more(
    invoices: int | None, total_minor: int | None, *, is_exceeded: bool
) -> None:
    limit = RunLimit(invoices, total_minor)
    assert limit.is_exceeded(RunSize(100, 5000)) == is_exceeded
    assert limit.is_set == ((invoices, total_minor) != (None, None))


def test_a_limit_of_nothing_lets_an_empty_run_pass() -> None:
    assert not RunLimit(0, 0).is_exceeded(RunSize(0, 0))


@pytest.mark.parametrize(
    ("invoices", "total_minor", "is_other"),
    [
        (100, 10_000, False),
        (101, 10_100, False),
        (99, 9_900, False),
        (102, 10_000, True),
        (98, 10_000, True),
        (100, 10_101, True),
        (100, 9_899, True),
    ],
)
def test_an_approval_counts_up_to_one_percent(
    invoices: int, total_minor: int, *, is_other: bool
) -> None:
    assert has_changed(RunSize(100, 10_000), RunSize(invoices, total_minor)) == is_other


def test_a_sum_below_zero_is_compared_by_its_size() -> None:
    assert not has_changed(RunSize(1, -10_000), RunSize(1, -10_100))
    assert has_changed(RunSize(1, -10_000), RunSize(1, -10_101))
