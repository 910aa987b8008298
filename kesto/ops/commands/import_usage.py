"""`kesto import usage`: a file of events through the door that all events come through."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
import typer
from msgspec import Struct
from msgspec.structs import replace

from kesto.adapters.files import checks
from kesto.adapters.files.rejected_rows import RejectedFile, Rejection
from kesto.adapters.files.usage_rows import (
    EventRow,
    Layout,
    UsageFile,
    checked_field,
    open_usage,
)
from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.flows.accept_usage import MOST_EVENTS, Verdict, accept_usage, judge_usage
from kesto.flows.note_usage_import import note_usage_import
from kesto.ops import clock, console
from kesto.ops.commands.bill import ACTOR
from kesto.ops.desk import Desk, desk
from kesto.store import usage_imports
from kesto.store.session import reading
from kesto.store.usage_imports import ImportProgress

HASHED_AT_ONCE = 1 << 20
Pairs = list[str]


class _Work(Struct, frozen=True):
    """A file on its way in, and where its rejected rows go; `sha256` names it."""

    at: Desk
    file: UsageFile
    sha256: bytes
    rejected: RejectedFile
    is_dry: bool

    @property
    def merchant_id(self) -> UUID:
        return self.at.merchant.id


def usage(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Parquet.")],
    *,
    column: Annotated[
        Pairs | None,
        typer.Option(metavar="FIELD=COLUMN", help="What the file calls a field; repeatable."),
    ] = None,
    fixed: Annotated[
        Pairs | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A field of all rows; repeatable."),
    ] = None,
    ignore: Annotated[
        Pairs | None, typer.Option(metavar="COLUMN", help="Leave it aside; repeatable.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Of times without one, such as UTC.")] = "",
    rejected: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where rejected rows go; usual: FILE.rejected.csv."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen; take in nothing.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send a file from its first row that is done.")
    ] = False,
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring in usage events from a CSV or Parquet file; cut off, it goes on where it stopped.

    Exit status 1 when rows were rejected: they stand in a file to be mended and sent again.
    """
    layout = _layout(column or [], fixed or [], ignore or [], zone)
    try:
        opened = open_usage(file, layout)
        sha256 = _fingerprint(file, layout)
    except OSError as error:
        raise NotFound(f"{file} can't be read: {error.strerror}", field="file") from error
    place = rejected or file.with_name(f"{file.name}.rejected.csv")
    with desk(merchant) as at:
        work = _Work(at, opened, sha256, RejectedFile(place, opened), dry_run)
        begun = _begun(work, again=again)
        if opened.names_rows:
            console.say(f"{file.name} has no ids: its rows are named by their numbers.")
        done, told = _bring_in(work, begun)
    _show(work, begun, done, told, as_json=as_json)
    if done.rejected:
        raise typer.Exit(console.FINDINGS)


def _begun(work: _Work, *, again: bool) -> ImportProgress:
    """How far the file is already; with `again`, or to try only, nothing is."""
    with reading(work.merchant_id) as session:
        known = usage_imports.progress_of(session, work.sha256)
    begun = ImportProgress() if again or work.is_dry else known
    place = work.rejected.path
    if not begun.rows_done and not work.is_dry and place.exists():
        detail = f"{place} is there already; move it away, or name another file with --rejected"
        raise Conflict(detail, code="exists", field="rejected")
    if begun.rows_done and not begun.is_finished:
        work.rejected.begin(begun.last_line)
        console.say(f"Going on after the {begun.rows_done:,} rows that are done.")
    return begun


def _bring_in(work: _Work, begun: ImportProgress) -> tuple[ImportProgress, Counter[str]]:
    """Send what is left of a file; answers how far it is then, and what was told of this run."""
    done, told = begun, Counter[str]()
    if begun.is_finished:
        return done, told
    doing = "Trying" if work.is_dry else "Bringing in"
    with console.progress(f"{doing} {work.file.path.name}") as advance:
        advance(begun.rows_done, work.file.count())
        rows = work.file.rows(begun.rows_done)
        while batch := list(islice(rows, MOST_EVENTS)):
            done = _send(work, batch, done, told)
            advance(len(batch))
    if not work.is_dry:
        _note(work, replace(done, is_finished=True))
    return done, told


def _send(
    work: _Work, batch: Sequence[EventRow], done: ImportProgress, told: Counter[str]
) -> ImportProgress:
    """Send some rows and write down what became of them: first the rejected, then how far it is."""
    sound = [row for row in batch if not row.problem]
    verdicts = iter(_verdicts(work, [row.event for row in sound]))
    rejections, counts = [], Counter[str]()
    for row in batch:
        if row.problem:
            rejections.append(Rejection(row, "bad_row", "", row.problem))
            continue
        verdict = next(verdicts)
        counts[verdict.status] += 1
        told["not_counted"] += bool(verdict.note)
        if verdict.status == "rejected":
            rejections.append(Rejection(row, verdict.code, verdict.field, verdict.detail))
    for one in rejections:
        told[f"code {one.code}"] += 1
    done = replace(
        done,
        rows_done=done.rows_done + len(batch),
        last_line=batch[-1].line,
        accepted=done.accepted + counts["accepted"],
        duplicate=done.duplicate + counts["duplicate"],
        rejected=done.rejected + len(rejections),
    )
    if not work.is_dry:
        work.rejected.add(rejections)
        _note(work, done)
    return done


def _verdicts(work: _Work, events: Sequence[dict[str, object]]) -> list[Verdict]:
    now = _now(work)
    if work.is_dry:
        return judge_usage(work.merchant_id, events, now)
    return accept_usage(work.merchant_id, events, now, clock.now())


def _note(work: _Work, done: ImportProgress) -> None:
    name = work.file.path.name
    note_usage_import(work.merchant_id, work.sha256, name, done, _now(work), ACTOR)


def _now(work: _Work) -> datetime:
    """The merchant's time: a test merchant's stands, the real one goes on while a file is read."""
    return work.at.merchant.clock_at or clock.now()


def _show(
    work: _Work,
    begun: ImportProgress,
    done: ImportProgress,
    told: Counter[str],
    *,
    as_json: bool,
) -> None:
    counts = {
        "rows": done.rows_done,
        "accepted": done.accepted,
        "duplicate": done.duplicate,
        "rejected": done.rejected,
        "done_before": begun.rows_done,
        "not_counted": told["not_counted"],
    }
    if as_json:
        console.show_json(counts | ({"dry_run": True} if work.is_dry else {}))
    else:
        columns = [f">{name.replace('_', ' ')}" for name in counts]
        console.show_table(columns, [tuple(f"{count:,}" for count in counts.values())])
    codes = [(name.removeprefix("code "), n) for name, n in told.items() if name[:5] == "code "]
    for code, times in sorted(codes):
        console.say(f"rejected with {code}: {times:,}")
    if begun.is_finished:
        console.say("This file was brought in before; send all of it again with --again.")
    elif work.is_dry:
        console.say("Nothing was taken in: this was a trial.")
    elif done.rejected:
        console.say(f"The rejected rows are in {work.rejected.path}: mend them and send that file.")


def _layout(columns: Pairs, fixed: Pairs, ignored: Pairs, zone: str) -> Layout:
    if zone:
        checks.zone(zone)
    return Layout(
        dict(_pairs(columns, "column")), dict(_pairs(fixed, "set")), frozenset(ignored), zone
    )


def _pairs(given: Pairs, option: str) -> Iterator[tuple[str, str]]:
    for text in given:
        name, is_pair, value = text.partition("=")
        if not is_pair or not value:
            raise Invalid(f"write --{option} FIELD=..., not {text!r}", field=option)
        yield checked_field(name.strip()), value.strip()


def _fingerprint(file: Path, layout: Layout) -> bytes:
    """What a file is known by: the hash of what it holds and of how it is read."""
    found = hashlib.sha256()
    with file.open("rb") as opened:
        while part := opened.read(HASHED_AT_ONCE):
            found.update(part)
    how = [layout.columns, layout.fixed, sorted(layout.ignored), layout.zone]
    found.update(msgspec.json.encode(how, order="sorted"))
    return found.digest()
