import pytest

from kesto.core.refusals import Invalid
from kesto.core.staff import RIGHTS, ROLES, known_role, may, needs_second_factor


def test_only_the_owner_has_every_right() -> None:
    every = frozenset().union(*RIGHTS.values())
    assert [role for role in ROLES if RIGHTS[role] == every] == ["owner"]
    assert [role for role in ROLES if may(role, "users")] == ["owner"]


def test_only_who_handles_money_may_move_it() -> None:
    for right in ("bill", "match", "close"):
        assert [role for role in ROLES if may(role, right)] == ["owner", "finance"]


def test_a_developer_changes_nothing() -> None:
    changing = {"credit", "bill", "match", "close", "change_settings", "users"}
    assert not changing & RIGHTS["developer"]


def test_who_moves_real_money_needs_a_second_factor() -> None:
    assert [role for role in ROLES if needs_second_factor(role, "live")] == ["owner", "finance"]
    assert not any(needs_second_factor(role, "test") for role in ROLES)


def test_a_role_is_known_by_its_word() -> None:
    assert known_role("finance") == "finance"
    with pytest.raises(Invalid) as refused:
        known_role("Owner")
    assert (refused.value.detail, refused.value.code, refused.value.field) == (
        "'Owner' is no role; choose one of owner, finance, service, developer",
        "unknown_role",
        "role",
    )
