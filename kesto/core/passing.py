"""What time itself did to a subscription: computed from its life, never told as events."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from kesto.core.history import Resumed, Told, Withdrawn, in_effect
from kesto.core.life import Life

Passing = Literal["trial_over", "pause_over", "ended"]


class Passed(Struct, frozen=True, gc=False):
    """Something that was over by itself; `on` is the first day after it."""

    kind: Passing
    on: date


def passed(told: Sequence[Told], life: Life, through: date) -> list[Passed]:
    """What was over by itself up to a day, the first thing first.

    A pause that somebody ended, or that the end of the subscription cut short, is told as that.
    """
    found = [one for one in _all(told, life) if one.on <= through]
    return sorted(found, key=lambda one: one.on)


def _all(told: Sequence[Told], life: Life) -> Iterator[Passed]:
    events = [one.event for one in in_effect(told)]
    if life.start_on < life.trial_until and _goes_on(life, life.trial_until):
        yield Passed("trial_over", life.trial_until)
    resumed = {event.on for event in events if isinstance(event, Resumed)}
    for pause in life.pauses:
        if pause.end is not None and pause.end not in resumed and _goes_on(life, pause.end):
            yield Passed("pause_over", pause.end)
    is_withdrawn = any(isinstance(event, Withdrawn) for event in events)
    if life.end_on is not None and not is_withdrawn:
        yield Passed("ended", life.end_on)


def _goes_on(life: Life, day: date) -> bool:
    return life.end_on is None or day < life.end_on
