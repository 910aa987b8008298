"""What a soak of incoming usage found: figures by window, and what went against a promise."""

import os
from collections import Counter
from collections.abc import Sequence
from statistics import median

from msgspec import Struct

from kesto.bench.machine import commit, machine
from tests.faults.actor import ROOT
from tests.faults.installation import Kill
from tests.faults.senders import Failure, Heard

FOLDER = ROOT / ".made" / "soak"
DATABASE_SECONDS = 10.0
"""So long after a kill of the database answers may be late, or a 503 that says when to come."""

WEB_SECONDS = 10.0
"""So long after a kill of the web its connections may be lost."""


class Figures(Struct, frozen=True):
    """How long answers took, in milliseconds."""

    count: int
    median: float
    p99: float
    longest: float

    def __str__(self) -> str:
        return (
            f"{self.count:>8,} answers  p50 {self.median:>8,.1f} ms"
            f"  p99 {self.p99:>9,.1f} ms  longest {self.longest:>9,.1f} ms"
        )


class Window(Struct, frozen=True):
    """A while after a kill, in seconds since the sending began."""

    kind: str
    begins: float
    ends: float

    def touches(self, due: float, answered: float) -> bool:
        """Whether somebody waited for an answer within it."""
        return due < self.ends and answered > self.begins


def is_timed() -> bool:
    """Whether a soak also holds how long things took; not on a machine that is shared."""
    return os.environ.get("KESTO_SOAK_TIMED", "1") != "0"


def keep(name: str, text: str) -> None:
    """Write a report where it can be read afterwards."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.txt").write_text(text)


def figures(seconds: Sequence[float]) -> Figures:
    """The figures of what answers took."""
    found = sorted(1_000 * one for one in seconds) or [0.0]
    p99 = found[min(int(len(found) * 0.99), len(found) - 1)]
    return Figures(len(seconds), median(found), p99, found[-1])


def windows(kills: Sequence[Kill], starts: float) -> list[Window]:
    """The windows in which a kill may be noticed."""
    lengths = {"database": DATABASE_SECONDS, "web": WEB_SECONDS}
    return [
        Window(one.kind, one.at - starts, one.at - starts + lengths[one.kind])
        for one in kills
        if one.kind in lengths
    ]


def outside(heard: Heard, noticed: Sequence[Window], *kinds: str) -> Figures:
    """What answers took outside the windows of these kinds."""
    left_out = [one for one in noticed if one.kind in kinds]
    return figures(
        [
            answered - due
            for due, answered in heard.answers
            if not any(one.touches(due, answered) for one in left_out)
        ]
    )


def unpromised(heard: Heard, noticed: Sequence[Window]) -> list[Failure]:
    """Answers that nobody promised, and lost connections that no kill explains."""
    return [one for one in heard.failures if not _is_promised(one, noticed)]


def _is_promised(failure: Failure, noticed: Sequence[Window]) -> bool:
    kinds = {one.kind for one in noticed if one.begins <= failure.at <= one.ends}
    if failure.kind == "503":
        return failure.is_told_when and "database" in kinds
    return failure.kind == "lost" and "web" in kinds


def told(
    heard: Heard,
    kills: Sequence[Kill],
    starts: float,
    facts: dict[str, object],
    load: tuple[float, float, float],
) -> str:
    """The report, in lines."""
    noticed = windows(kills, starts)
    here = machine("embedded")
    ended = max((answered for _, answered in heard.answers), default=0.0)
    events = sum(heard.events)
    lines = [
        f"Soak of incoming usage at {commit() or 'an unknown commit'}",
        f"machine: {here.cores} cores of {here.processor}, {here.memory_gib} GiB, {here.system}",
        f"load: {load[0]:.2f} before, {os.getloadavg()[0]:.2f} at the end",
        *(f"{name}: {value}" for name, value in facts.items()),
        f"events: {events:,} different ones; answers said {heard.counts}",
        f"rate: {sum(heard.counts.values()) / max(ended, 0.001):,.0f} events/s for {ended:,.1f} s",
        f"the senders' own processor time: {heard.cpu_seconds:.1f} s",
        f"all answers:                 {figures([b - a for a, b in heard.answers])}",
        f"outside database's windows:  {outside(heard, noticed, 'database')}",
        f"outside all windows:         {outside(heard, noticed, 'database', 'web')}",
    ]
    for one in noticed:
        own = [b - a for a, b in heard.answers if one.touches(a, b)]
        lines.append(f"{one.kind:>8} killed at {one.begins:6.1f} s:    {figures(own)}")
    lines.append("kills: " + _counted(one.kind for one in kills))
    recoveries = [one.recovery_seconds for one in kills if one.kind == "database"]
    lines.append("database ready again after: " + ", ".join(f"{one:.2f} s" for one in recoveries))
    lines.append("sent again because of: " + (_counted(one.kind for one in heard.failures) or "-"))
    wrong = unpromised(heard, noticed)
    lines += [f"against the promise at {one.at:.2f} s: {one.kind}" for one in wrong[:20]]
    return "\n".join(lines) + "\n"


def _counted(kinds: "Sequence[str] | object") -> str:
    return ", ".join(f"{kind} {count}" for kind, count in Counter(kinds).most_common())  # type: ignore[call-overload]  # any iterable
