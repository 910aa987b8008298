from kesto.core.pace import Pace, pace


def test_the_time_left_goes_by_what_was_done_lately() -> None:
    assert pace(left=9_000, recent=3_000, milliseconds=2_000) == Pace(1_500, 6)


def test_the_time_left_is_rounded_up() -> None:
    assert pace(left=1, recent=1_000, milliseconds=1_000) == Pace(1_000, 1)
    assert pace(left=0, recent=1_000, milliseconds=1_000) == Pace(1_000, 0)


def test_nobody_can_say_before_anything_is_done() -> None:
    assert pace(left=9_000, recent=0, milliseconds=2_000) is None
    assert pace(left=9_000, recent=10, milliseconds=0) is None
