"""The door for usage: events in, and a verdict on each after they are safe on disk."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any
from uuid import UUID

from msgspec import Struct

from kesto.api.bodies import decoded_json, written
from kesto.api.doors.door import Answered, Asked, Door
from kesto.api.doors.together import Together
from kesto.api.keys import real_now
from kesto.api.problems import Problem
from kesto.flows.accept_usage import MOST_EVENTS, Verdict, accept_together

MOST_TOGETHER = 2_000
"""So many events at most share a transaction."""


class Taken(Struct, frozen=True):
    """How many of the events were new, known already or refused, and each of them in its order."""

    accepted: int
    duplicate: int
    rejected: int
    events: list[Verdict]


def send(asked: Asked) -> "Future[Answered]":
    """Take in the events of a body. Raises Problem."""
    return _line.join(asked.who.merchant_id, events_in(decoded_json(asked.body)))


def events_in(body: Any) -> Sequence[object]:
    """The events of a body, as they were sent. Raises Problem."""
    sent = [body] if isinstance(body, dict) else body
    if not isinstance(sent, list) or not sent:
        detail = "The body must be an event, or a JSON array of events."
        raise Problem(400, "not_a_list", detail, field="body")
    if len(sent) > MOST_EVENTS:
        detail = f"At most {MOST_EVENTS} events are taken at once."
        raise Problem(400, "too_many", detail, field="body")
    return sent


def told(verdicts: list[Verdict]) -> bytes:
    """The answer to those who sent events."""
    counts = dict.fromkeys(("accepted", "duplicate", "rejected"), 0)
    for one in verdicts:
        counts[one.status] += 1
    return written(Taken(counts["accepted"], counts["duplicate"], counts["rejected"], verdicts))


def _take_in(merchant_id: UUID, batches: Sequence[Sequence[object]]) -> list[Answered]:
    return [told(one) for one in accept_together(merchant_id, batches, real_now())]


_line: Together[Sequence[object], Answered] = Together(_take_in, len, MOST_TOGETHER)

SEND = Door(("usage", "write"), send)
