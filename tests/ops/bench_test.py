"""The bench: its subscribers are real ones, its baselines write what the product writes."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from kesto.bench import callers, crew, raw_copy, row_by_row, run_usage, sizes, usage_town
from kesto.bench.crew import Effort, Worked
from kesto.bench.figure import Bar, Measured, judged, read_bars
from kesto.bench.ground import FIRST, Ground
from kesto.bench.metered import METER, MeteredTown
from kesto.bench.rounds import interleaved
from kesto.bench.subscribers import NOW, THROUGH, open_town
from kesto.flows.accept_usage import accept_together
from kesto.flows.bill import bill
from kesto.flows.show_usage import used_now
from kesto.ops import boot, database
from kesto.ops.commands.bench import bare as bare_server
from kesto.ops.commands.bench import installed
from kesto.ops.home import ROLES, Home
from kesto.store import entitlements
from kesto.store.session import forget_connections, reading
from kesto.store.usage.counted import UsageBook
from kesto.store.usage.taking_in import usage_so_far
from kesto.verify import Share, proof, verify
from tests.papers import fonts

SIZE = 24
ROWS = {"invoice": 1, "invoice_line": 4, "invoice_tax": 1, "explanation": 1, "claim": 4}
ROWS |= {"journal_entry": 1, "posting": 6, "outbox": 1, "issued": 1}


@pytest.fixture
def ground(booted: Home, database_name: str, tmp_path: Path) -> Iterator[Ground]:
    where = database.address(booted)
    words = {**where.words, "user": "postgres", "password": booted.secret("postgres")}
    ready = partial(boot.boot, booted, ROLES)
    yield Ground(make_conninfo("", **words), tmp_path, ready, fonts(), installed, bare_server)
    boot.boot(booted, ROLES, database_name)


@pytest.fixture
def copy(ground: Ground, database_name: str) -> Iterator[str]:
    with ground.copied(FIRST, f"{database_name}_bench") as name:
        ground.boot(name)
        yield name
        forget_connections()


@pytest.fixture
def merchant_id(ground: Ground, copy: str) -> UUID:
    with ground.connected(copy) as connection:
        return open_town(connection, SIZE)


@pytest.fixture
def bare(ground: Ground, copy: str) -> Iterator[psycopg.Connection]:
    name = f"{copy}_bare"
    with ground.copied("template0", name), ground.connected(name) as connection:
        yield connection


def test_generated_customers_use_what_their_rollups_say(ground: Ground, copy: str) -> None:
    town = MeteredTown(ground, 6, copy)
    with reading(town.merchant_id, "run") as session:
        asks = town.asks(session)
        run_usage.compare(session, asks, usage_so_far(session))
        customers = town.customers(session)
        used = {own: used_now(session, own, METER, NOW) for own in customers}
        book = UsageBook(session, from_events=True)
        book.fetch(asks)
        assert sorted(used.values()) == sorted(book.answer(ask).quantity for ask in asks)
    assert len(used) == 6
    assert used[customers[0]] == max(used.values()) > 10 * min(used.values())


def test_shares_of_a_proof_make_the_whole(
    ground: Ground, copy: str, merchant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "CHUNK_GROUPS", 10)
    assert bill(merchant_id, THROUGH, NOW) == SIZE
    with ground.connected(copy) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update invoice_line set amount_minor = amount_minor + 1")
    proved: list[int] = []
    whole = verify(merchant_id, proved.append)
    assert proved == [10, 10, 4]
    parts = [verify(merchant_id, proved.append, Share(number, 2)) for number in range(2)]
    assert proved[3:] == [10, 4, 10]
    assert sorted(map(repr, [*parts[0], *parts[1]])) == sorted(map(repr, whole))
    assert parts[0]
    assert parts[1]


def test_generated_subscribers_are_billed_and_proved(
    ground: Ground, copy: str, merchant_id: UUID, bare: psycopg.Connection
) -> None:
    assert bill(merchant_id, THROUGH, NOW) == SIZE
    assert verify(merchant_id) == []
    with ground.connected(copy) as connection:
        counts = raw_copy.count_rows(connection)
        raw_copy.take_out(connection, ground.folder / "rows", 10)
        for statement in raw_copy.bare_tables(connection):
            bare.execute(statement.encode())
    assert counts == {table: SIZE * rows for table, rows in ROWS.items()}
    raw_copy.copy_chunks(bare, sorted((ground.folder / "rows").iterdir()))
    assert raw_copy.count_rows(bare) == counts
    assert len(list((ground.folder / "rows").iterdir())) == 3


def test_a_job_writes_the_rows_of_a_run(ground: Ground, copy: str, merchant_id: UUID) -> None:
    with ground.connected(copy) as connection:
        groups = [own for (own,) in connection.execute("select id from billing_group")]
        row_by_row.work_jobs(connection, merchant_id, groups)
        counts = raw_copy.count_rows(connection)
    assert counts == {table: SIZE * rows for table, rows in ROWS.items()}
    assert verify(merchant_id) == []


@pytest.mark.parametrize(
    ("bar", "ratio", "verdict", "shown"),
    [
        (Bar(at_least=Decimal("0.25")), 0.25, "True", ">= 0.25"),
        (Bar(at_least=Decimal("0.25")), 0.2499, "False", ">= 0.25"),
        (Bar(at_most=Decimal("1.2")), 1.2001, "False", "<= 1.2"),
        (Bar(at_most=Decimal("1.2")), 1.1, "True", "<= 1.2"),
        (Bar(), 7.0, "None", ""),
    ],
)
def test_a_ratio_is_judged_before_it_is_shortened(
    bar: Bar, ratio: float, verdict: str, shown: str
) -> None:
    figure = judged(Measured("a", "invoices/s", 12_345.6, 1.0, ratio, []), bar, 100)
    assert (f"{figure.met}", figure.bar, figure.value) == (verdict, shown, 12_300)


@pytest.mark.parametrize(
    ("size", "verdict", "shown"), [(1_000, "True", ">= 0.40"), (100, "None", "")]
)
def test_a_bar_may_be_for_one_size(size: int, verdict: str, shown: str) -> None:
    bar = Bar("billing run", "COPY", at_least=Decimal("0.40"), size=1_000)
    for told, own in ((size, 0), (1, size)):
        figure = judged(Measured("a", "invoices/s", 1.0, 2.0, 0.5, [], size=own), bar, told)
        assert (figure.size, f"{figure.met}", figure.bar) == (size, verdict, shown)


@pytest.mark.usefixtures("copy")
def test_what_the_systems_of_a_usage_town_send_is_taken_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(usage_town, "CUSTOMERS", 5)
    merchant_id = usage_town.open_usage_town()
    events = [*usage_town.sent_events(20, "r")]
    ((*said,),) = accept_together(merchant_id, [events], usage_town.NOW)
    assert {(one.status, one.note) for one in said} == {("accepted", "")}
    assert len({one.id for one in said}) == 20
    with reading(merchant_id) as session:
        checked = entitlements.check(session, "c-1", "support", usage_town.NOW)
    assert checked.entitled.is_allowed
    assert len({*usage_town.keys_of(merchant_id, 3)}) == 3


def test_callers_hear_each_answer_to_its_end() -> None:
    def answers(connection: socket.socket) -> None:
        with connection:
            while connection.recv(1 << 16):
                for piece in (b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 3\r\n\r\nab", b"c"):
                    connection.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(2) as crew:
        crew.submit(lambda: [crew.submit(answers, server.accept()[0]) for _ in range(1)])
        port = server.getsockname()[1]
        called = callers.call(port, [callers.request("GET", "/")] * 5, 1)
    assert (called.statuses, len(called.latencies)) == ({200: 5}, 5)
    assert called.percentile(0.5) <= called.percentile(0.99) <= called.seconds


def test_every_bar_says_what_it_is_for() -> None:
    assert [name for name, bar in read_bars().items() if name != "spread" and not bar.what] == []


def test_a_round_is_repeated_while_its_baselines_differ() -> None:
    baseline = stopped(1, 2, 1, 1.2, 3, 3)
    rounds = interleaved(stopped(4, 4, 6), baseline, count=2, most_spread=1.5)
    assert [(one.product.seconds, one.ratio) for one in rounds] == [(6, 0.5), (4, 0.275)]


def test_a_machine_that_is_never_steady_gives_its_steadiest_rounds() -> None:
    baseline = stopped(1, 4, 1, 3, 1, 2)
    (one,) = interleaved(stopped(5, 5, 5), baseline, count=1, most_spread=1.5)
    assert one.spread == 2


def test_what_grows_is_what_an_invoice_costs() -> None:
    costs = [
        sizes.Cost(10, [50, 40, 90]),
        sizes.Cost(100, [45.0]),
        sizes.Cost(1_000, [60.0]),
    ]
    grown, *each = sizes.growth(costs)
    assert (grown.bar, grown.value, grown.baseline, grown.ratio) == ("a_growth", 60, 50, 1.2)
    assert grown.samples[0] == {"size": 10, "microseconds": [50, 40, 90]}
    assert [(one.bar, one.size, one.value) for one in each] == [
        ("a_cost", 10, 50),
        ("a_cost", 100, 45),
        ("a_cost", 1_000, 60),
    ]


def test_the_memory_of_a_run_is_that_of_its_greatest_process() -> None:
    whole = Worked(9, (Effort(1, 120), Effort(1, 132)))
    tenths = [Worked(1, (Effort(1, held), Effort(1, 90))) for held in (100, 110, 140)]
    grown, peak = sizes.memory(whole, tenths)
    assert (grown.bar, grown.value, grown.baseline, grown.ratio) == ("a2", 132, 110, 1.2)
    assert (peak.bar, peak.value) == ("a2_peak", 132)


def test_what_goes_wrong_in_a_crew_is_heard() -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError: division by zero"):
        crew.work(_nothing, _divide, lambda: [1, 0])


def _nothing() -> None:
    pass


def _divide(share: int) -> None:
    assert 1 / share


def stopped(*seconds: float) -> Callable[[], Worked]:
    """Runs that took so long, one after the other."""
    left = iter(seconds)
    return lambda: Worked(next(left), ())
