"""The doors for usage: events in, and a verdict on each after they are safe on disk.

Ours answers with the verdicts. That of the CloudEvents clients answers 204 when all are kept, as
they expect, and with a problem when one is rejected; what else came is kept all the same.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from kesto.api.bodies import decoded_json, refuse_length, written
from kesto.api.doors import cloud_events
from kesto.api.doors.door import Answered, Asked, Done, Door, Told
from kesto.api.doors.together import Together
from kesto.api.keys import real_now
from kesto.api.problems import Problem
from kesto.core.metering.sent_together import usual_events
from kesto.flows.accept_usage import MOST_EVENTS, Verdict, accept_together

MOST_TOGETHER = 1_000
"""So many events at most share a transaction: more would leave nothing to do while it answers."""


class Taken(Struct, frozen=True):
    """How many of the events were new, known already or refused, and each of them in its order."""

    accepted: int
    duplicate: int
    rejected: int
    events: list[Verdict]


class Batch(Struct, frozen=True):
    """The events of a request, and how what became of them is told."""

    events: Sequence[object]
    told: Callable[[list[Verdict]], Answered | Problem]


def send(asked: Asked, done: Done) -> None:
    """Take in the events of a body, ours or CloudEvents. Raises Problem."""
    if cloud_events.is_cloud(asked):
        _join(asked, done, cloud_events.events_of(asked), _told_cloud)
        return
    _join(asked, done, _events(asked.body), told)


def send_clouds(asked: Asked, done: Done) -> None:
    """Take in CloudEvents. Raises Problem."""
    _join(asked, done, cloud_events.events_of(asked), _told_shortly)


def told(verdicts: list[Verdict]) -> bytes:
    """The answer to those who sent events: a verdict on each."""
    counts = dict.fromkeys(("accepted", "duplicate", "rejected"), 0)
    for one in verdicts:
        counts[one.status] += 1
    return written(Taken(counts["accepted"], counts["duplicate"], counts["rejected"], verdicts))


def _events(body: bytes) -> Any:
    """The events of a body, in a small form where all are of the usual kind. Raises Problem."""
    refuse_length(body)
    usual = usual_events(body)
    if usual is not None:
        return usual
    found = decoded_json(body)
    return [found] if isinstance(found, dict) else found


def _told_cloud(verdicts: list[Verdict]) -> bytes:
    return told([cloud_events.in_their_words(one) for one in verdicts])


def _told_shortly(verdicts: list[Verdict]) -> Told | Problem:
    rejected = [cloud_events.in_their_words(one) for one in verdicts if one.status == "rejected"]
    if not rejected:
        return Told(204)
    first = rejected[0]
    if len(verdicts) == 1:
        return Problem(400, first.code, f"{first.detail}.", field=first.field)
    return Problem(
        *(400, "events_rejected"),
        f"{len(rejected)} of {len(verdicts)} events were rejected, the others are kept."
        f" The first, {first.id!r}: {first.detail}.",
        field=first.field,
    )


def _join(
    asked: Asked,
    done: Done,
    events: Any,
    told_so: Callable[[list[Verdict]], Answered | Problem],
) -> None:
    if not isinstance(events, list) or not events:
        detail = "The body must be an event, or a JSON array of events."
        raise Problem(400, "not_a_list", detail, field="body")
    if len(events) > MOST_EVENTS:
        detail = f"At most {MOST_EVENTS} events are taken at once."
        raise Problem(400, "too_many", detail, field="body")
    _line.join(asked.who.merchant_id, Batch(events, told_so), done)


def _take_in(merchant_id: UUID, batches: Sequence[Batch]) -> list[Answered | Problem]:
    verdicts = accept_together(merchant_id, [one.events for one in batches], real_now())
    return [one.told(found) for one, found in zip(batches, verdicts, strict=True)]


_line: Together[Batch, Answered] = Together(_take_in, lambda one: len(one.events), MOST_TOGETHER)

SEND = Door(("usage", "write"), send, is_quick=True)
SEND_CLOUDS = Door(("usage", "write"), send_clouds, is_quick=True)
