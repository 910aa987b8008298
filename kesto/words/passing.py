"""What time itself did, told among the events of a subscription."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from kesto.core.passing import Passed, Passing
from kesto.words.changes import Happening
from kesto.words.tongue import Tongue

ONE_DAY = timedelta(days=1)
TEXTS: Mapping[str, Mapping[Passing, str]] = {
    "en": {
        "trial_over": "The trial ended with {last}; the subscription went on from {on}",
        "pause_over": "The pause ended by itself; the subscription went on from {on}",
        "ended": "Ended; the last day was {last}",
    },
    "fi": {
        "trial_over": "Kokeilu päättyi {last}; tilaus jatkui {on}",
        "pause_over": "Tauko päättyi itsestään; tilaus jatkui {on}",
        "ended": "Päättyi; viimeinen päivä oli {last}",
    },
    "sv": {
        "trial_over": "Provperioden slutade {last}; prenumerationen fortsatte {on}",
        "pause_over": "Pausen tog slut av sig själv; prenumerationen fortsatte {on}",
        "ended": "Avslutad; sista dagen var {last}",
    },
}


def with_passed(
    said: Sequence[Happening], passed: Sequence[Passed], tongue: Tongue
) -> list[Happening]:
    """What time did, each behind what came before it; nobody told it, so its number is 0."""
    found = list(said)
    for one in passed:
        days = {"on": tongue.day(one.on), "last": tongue.day(one.on - ONE_DAY)}
        text = TEXTS[tongue.language][one.kind].format(**days)
        before = (place for place, other in enumerate(found, 1) if other.on <= one.on)
        found.insert(max(before, default=0), Happening(0, one.on, text, one))
    return found
