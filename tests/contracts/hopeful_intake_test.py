"""Batches hope that all their keys are new; whatever comes of it, each event counts once."""

import threading
from random import Random
from typing import Any

import pytest

from kesto.flows.accept_usage import Verdict, accept_together
from kesto.flows.open_rollups import open_rollups
from kesto.store.session import forget_connections, reading, writing
from kesto.store.usage import letters, taking_in
from kesto.store.usage.taking_in import CAREFUL_BATCHES
from kesto.verify.proof import verify
from tests.contracts.rollups_test import same_as_events, talk
from tests.town import Town


@pytest.fixture
def town(town: Town) -> Town:
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.customer("Veikko").subscribes("metered", on="2026-10-01")
    town.clock("2026-10-31")
    open_rollups(town.merchant_id, town.now)
    return town


@pytest.fixture
def hopes(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each time that keys were taken they were hoped to be new."""
    asked: list[bool] = []
    take_in = taking_in.take_in

    def told(*given: Any, is_hopeful: bool = False) -> Any:
        asked.append(is_hopeful)
        return take_in(*given, is_hopeful=is_hopeful)

    monkeypatch.setattr(taking_in, "take_in", told)
    return asked


def send(town: Town, *events: dict[str, Any]) -> list[Verdict]:
    (told,) = accept_together(town.merchant_id, [events], town.now)
    return told


def status(told: list[Verdict]) -> list[str]:
    return [one.code or one.status for one in told]


def kept(town: Town) -> tuple[int, int]:
    """How many keys there are, and how many events."""
    with reading(town.merchant_id) as session:
        (row,) = session.rows(
            "select (select count(*) from event_key where merchant_id = %s),"
            " (select count(*) from usage_event where merchant_id = %s)",
            *(town.merchant_id, town.merchant_id),
        )
    return row[0], row[1]


def test_what_is_known_is_told_as_ever(town: Town, hopes: list[bool]) -> None:
    first = talk("a", "2026-10-05T10:00:00Z")
    assert status(send(town, first)) == ["accepted"]
    assert hopes == [True]
    nobody = talk("c", "2026-10-05T10:00:00Z", customer="nobody")
    told = send(town, talk("b", "2026-10-06T10:00:00Z"), first, {**first, "value": 11}, nobody)
    assert status(told) == ["accepted", "duplicate", "conflict", "unknown_customer"]
    assert hopes == [True, True, False]
    assert kept(town) == (2, 2)
    with reading(town.merchant_id) as session:
        assert sum(letters.counts(session).values()) == 2
    assert all(same_as_events(town))
    assert verify(town.merchant_id) == []


def test_who_sends_again_is_taken_in_with_care_for_a_while(town: Town, hopes: list[bool]) -> None:
    first = talk("a", "2026-10-05T10:00:00Z")
    send(town, first)
    send(town, first)
    assert hopes == [True, True, False]
    for number in range(CAREFUL_BATCHES):
        assert not taking_in.may_hope(town.merchant_id), number
    assert taking_in.may_hope(town.merchant_id)
    taking_in.be_careful(town.merchant_id)
    assert not taking_in.may_hope(town.merchant_id)
    send(town, first)  # a duplicate again: so many from now
    for number in range(CAREFUL_BATCHES):
        assert not taking_in.may_hope(town.merchant_id), number
    assert taking_in.may_hope(town.merchant_id)


def test_what_is_refused_within_another_flow_undoes_nothing_else(town: Town) -> None:
    first = talk("a", "2026-10-05T10:00:00Z")
    send(town, first)
    with writing(town.merchant_id):
        assert status(send(town, talk("b", "2026-10-05T10:00:00Z"), first)) == [
            "accepted",
            "duplicate",
        ]
    assert kept(town) == (2, 2)


def test_the_same_events_from_many_at_once_count_once(town: Town) -> None:
    """All hope, in another order each; one is first with each event, whoever that is."""
    rounds, senders = 8, 3
    told: list[str] = []
    failures: list[BaseException] = []
    ready = threading.Barrier(senders)

    def write(own: int) -> None:
        random = Random(own)  # noqa: S311 - the same events each time
        try:
            for number in range(rounds):
                events = [
                    talk(
                        f"{number}-{place}",
                        f"2026-10-{1 + place:02}T10:00:00Z",
                        customer=("aino", "veikko")[place % 2],
                    )
                    for place in range(20)
                ]
                random.shuffle(events)
                taking_in._careful.clear()  # all of them hope each time
                ready.wait(30)
                told.extend(status(send(town, *events)))
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            forget_connections()

    writers = [threading.Thread(target=write, args=(own,)) for own in range(senders)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert told.count("accepted") == rounds * 20
    assert told.count("duplicate") == (senders - 1) * rounds * 20
    assert kept(town) == (rounds * 20, rounds * 20)
    assert all(same_as_events(town))
    assert verify(town.merchant_id) == []
