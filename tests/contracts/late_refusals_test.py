"""Flows that wait for nothing more before the commit: what is refused is told all the same."""

import psycopg
import pytest

from kesto.store.session import reading, was_crossed, writing
from tests.town import Town

NOTE = "update merchant set name = %s where id = %s"


def name_of(town: Town) -> str:
    with reading(town.merchant_id) as session:
        ((name,),) = session.rows("select name from merchant where id = %s", town.merchant_id)
    return str(name)


def test_what_was_refused_late_is_told_by_the_commit_and_nothing_is_kept(town: Town) -> None:
    def writes() -> None:
        with writing(town.merchant_id) as session:
            session.wait_no_more()
            session.execute(NOTE, "Lost", town.merchant_id)
            session.execute("select 1 / 0")
            session.execute("select 1")

    before = name_of(town)
    with pytest.raises(Exception, match="division by zero") as refused:
        writes()
    assert not was_crossed(refused.value)
    assert name_of(town) == before
    with writing(town.merchant_id) as session:  # the connection is as good as before
        session.wait_no_more()
        session.execute(NOTE, "Kept", town.merchant_id)
    assert name_of(town) == "Kept"


def test_a_flow_within_another_waits_so_that_the_outer_one_can_go_on(town: Town) -> None:
    def writes() -> None:
        with writing(town.merchant_id) as inner:
            inner.wait_no_more()
            inner.execute(NOTE, "Inner", town.merchant_id)
            inner.execute("select 1 / 0")

    with writing(town.merchant_id) as outer:
        outer.execute(NOTE, "Outer", town.merchant_id)
        with pytest.raises(psycopg.errors.DivisionByZero):
            writes()
    assert name_of(town) == "Outer"
