import pytest

from kesto.core.api_keys import is_key, key_of, known_scopes, shown_prefix
from kesto.core.refusals import Invalid
from tests.refused import refused

SECRET = "0123456789abcdef" * 4


@pytest.mark.parametrize("mode", ["test", "live"])
def test_a_key_says_where_it_is_from(mode: str) -> None:
    key = key_of(mode, SECRET)
    assert key == f"kesto_{mode}_{SECRET}"
    assert is_key(key)


def test_people_see_its_beginning_only() -> None:
    assert shown_prefix(key_of("live", SECRET)) == "kesto_live_01234567"


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"kesto_prod_{SECRET}",
        f"kesto_test_{SECRET[1:]}",
        f"kesto_test_{SECRET}0",
        f"kesto_test_{SECRET}\n",
        f" kesto_test_{SECRET}",
        f"kesto_test_{SECRET.upper()}",
    ],
)
def test_what_has_another_shape_is_no_key(text: str) -> None:
    assert not is_key(text)


def test_scopes_stand_once_and_in_one_order() -> None:
    assert known_scopes(["write", "calculate", "write"]) == ("calculate", "write")
    assert known_scopes(["write", "read", "calculate"]) == ("calculate", "read", "write")


def test_a_key_may_do_something_that_is_known() -> None:
    assert refused(Invalid, lambda: known_scopes(["read", "admin"])) == (
        "unknown_scope",
        "scopes",
        "'admin' is no scope; choose of calculate, read, usage, write, approve",
    )
    assert refused(Invalid, lambda: known_scopes([])) == (
        "missing",
        "scopes",
        "choose of calculate, read, usage, write, approve",
    )
