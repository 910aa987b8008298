"""Every wrong that is planted is named, and nothing that verify asks was never seen to find one.

A query's conditions are asked one by one, and every place that makes a finding must have made one:
a check that no wrong reaches may be wrong itself.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from uuid import UUID

import psycopg
import pytest

from kesto.store import proof as evidence_of
from kesto.store.session import Session
from kesto.verify import INVARIANTS, Finding, documents, history, published, recompute, verify
from kesto.verify import audit as audit_room
from kesto.verify import proof as proof_room
from kesto.verify.installation import GUARDS as TRIGGERS
from tests.contracts.conditions import Condition, conditions
from tests.contracts.conftest import lived_in, used_in
from tests.contracts.planted import FURTHER, PROMISED, Wrong
from tests.contracts.planted_credit import CREDIT
from tests.contracts.planted_guards import GUARDS
from tests.contracts.planted_rows import ROWS
from tests.contracts.planted_usage import USAGE
from tests.faults.soundness import BROKEN
from tests.tidy.sources import ROOT
from tests.town import Town

WRONGS = (*PROMISED, *FURTHER, *CREDIT, *ROWS, *GUARDS)
ROOMS = (audit_room, documents, history, published, recompute, proof_room)
OF_RUNS = {"chunk not whole", "cursor without its invoice", "invoice without its cursor"}
"""What only a run that dies leaves behind: tests/faults/crash_canary_test.py shows those."""
Place = tuple[str, int]


def test_each_wrong_is_named_and_each_check_names_one(
    vandal: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All wrongs in one town, those of usage in another, each taken back before the next."""
    old, metered, other = lived_in(Town.founded()), used_in(Town.founded()), Town.founded()
    planted = [*((old, wrong) for wrong in WRONGS), *((metered, wrong) for wrong in USAGE)]
    unseen, unmade, sound = _asked(), _places(), set(BROKEN) - OF_RUNS
    _note_places(monkeypatch, unmade)
    missed = []
    for town, wrong in planted:
        with _planted(vandal, wrong, town, other, monkeypatch) as findings:
            named = {found.invariant for found in findings}
            if not named >= set(wrong.found) or {one.merchant for one in findings} - {town.code}:
                missed.append(f"{wrong.what}: {sorted(named)}")
            session = Session(town.merchant_id, vandal)
            for place in [one for one in unseen if one[0] in named]:
                if _finds(session, unseen[place]):
                    del unseen[place]
            sound -= _broken(session, sound)
    still = [f"{own}: {condition.text}" for (own, _), condition in unseen.items()]
    # What verify does not name; and conditions, places that make findings, and queries of the fault
    # tests, which no wrong shows to find anything.
    assert (missed, still, unmade, sound) == ([], [], set(), set())


def test_each_invariant_has_a_wrong_that_it_names() -> None:
    named = {invariant for wrong in (*WRONGS, *USAGE) for invariant in wrong.found}
    assert {invariant.id for invariant in INVARIANTS} == named


def test_a_condition_that_nothing_breaks_is_seen() -> None:
    query = "select 1 where a between 1 and 2 and (b or c /* no */) union all select 2 where d"
    asked = conditions(query)
    assert [one.text for one in asked[:2]] == ["where b", "where c /* no */"]
    assert [one.query.split("union")[0].strip() for one in asked[:1]] == [
        "select 1 where a between 1 and 2  and (b )"
    ]
    assert asked[2].text == "select 2 where d"


def _asked() -> dict[tuple[str, int], Condition]:
    return {
        (invariant.id, place): condition
        for invariant in INVARIANTS
        if invariant.query
        for place, condition in enumerate(conditions(invariant.query))
    }


def _places() -> set[Place]:
    """Where the source makes a finding: the file, and the line of the call.

    Among events in ClickHouse it is `clickhouse_test` that plants, which has its engine.
    """
    return {
        (path.name, node.lineno)
        for path in sorted((ROOT / "kesto/verify").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if path.name != "usage_store.py"
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "finding"
    }


def _note_places(monkeypatch: pytest.MonkeyPatch, unmade: set[Place]) -> None:
    def noting(make: Callable[..., Finding]) -> Callable[..., Finding]:
        def made(*given: Any, **evidence: Any) -> Finding:
            frame = sys._getframe(1)
            file = frame.f_code.co_filename.rsplit("/", 1)[-1]
            unmade.discard((file, frame.f_lineno))
            return make(*given, **evidence)

        return made

    for room in ROOMS:
        monkeypatch.setattr(room, "finding", noting(room.finding))


@contextmanager
def _planted(
    vandal: psycopg.Connection,
    wrong: Wrong,
    town: Town,
    other: Town,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[list[Finding]]:
    """What verify finds with a wrong in place; it looks from the connection that planted it."""

    def looking(merchant_id: UUID, _role: str) -> nullcontext[Session]:
        return nullcontext(Session(merchant_id, vandal))

    values = {"town": town.merchant_id, "other": other.merchant_id}
    with monkeypatch.context() as patch, vandal.transaction(force_rollback=True):
        patch.setattr(proof_room, "reading", looking)
        for statement in wrong.sql.split(";"):
            changed = vandal.execute(statement.encode(), values).rowcount
            assert changed, f"nothing was planted: {statement}"
        yield verify(town.merchant_id)


def _broken(session: Session, names: set[str]) -> set[str]:
    """Those queries of the fault tests that find something, asked as the application."""
    session.execute("set local role kesto_app")
    session.rows("select set_config('app.merchant', %s, true)", str(session.merchant_id))
    return {name for name in names if session.rows(BROKEN[name])}


def _finds(session: Session, condition: Condition) -> bool:
    tables, guards = (list(names) for names in zip(*TRIGGERS, strict=True))
    return bool(evidence_of.evidence(session, condition.query, tables=tables, guards=guards))
