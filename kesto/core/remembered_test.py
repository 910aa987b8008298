"""What was computed once is not computed again, until there is too much to remember."""

from kesto.core.remembered import MOST, Remembered


def test_a_result_is_computed_once() -> None:
    asked: list[int] = []

    def square(number: int) -> int:
        asked.append(number)
        return number * number

    found = Remembered(square)
    assert [found[3], found[3], found[4], found[3]] == [9, 9, 16, 9]
    assert asked == [3, 4]
    assert found.most == MOST


def test_when_it_is_full_it_forgets_all() -> None:
    found = Remembered(str, most=2)
    assert [found[1], found[2]] == ["1", "2"]
    assert dict(found) == {1: "1", 2: "2"}
    assert found[3] == "3"
    assert dict(found) == {3: "3"}
