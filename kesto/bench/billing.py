"""Row a: a month's billing run beside the bare COPY of its rows, and beside a job a subscriber."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from kesto.bench import crew, raw_copy, row_by_row
from kesto.bench.crew import Worked
from kesto.bench.figure import Measured, short, steady_spread
from kesto.bench.ground import FIRST, Ground
from kesto.bench.proving import prove
from kesto.bench.rounds import Round, interleaved, median_of
from kesto.bench.subscribers import NOW, THROUGH, open_town
from kesto.flows import bill
from kesto.flows.bill import CHUNK_GROUPS, Run
from kesto.store import billing
from kesto.store.session import forget_connections, reading

ROUNDS = 3


class Town:
    """Subscribers on a ground, with the rows that billing them makes."""

    def __init__(self, ground: Ground, size: int, template: str = FIRST) -> None:
        self.ground = ground
        self.size = size
        self.template = template
        self.files = ground.folder / f"rows-{template}"
        ground.boot(template)
        with ground.connected(template) as connection:
            self.merchant_id: UUID = open_town(connection, size)
        forget_connections()
        self.counts: dict[str, int] = {}
        self.bare_tables: list[str] = []

    def rehearse(self) -> None:
        """Bill once without a clock: prove the result, and keep its rows for the baseline."""
        with self.ground.copied(self.template, "rehearsal") as database:
            self._bill(database)
            prove(self.ground, database, self.merchant_id)
            with self.ground.connected(database) as connection:
                self.counts = raw_copy.count_rows(connection)
                self.bare_tables = raw_copy.bare_tables(connection)
                raw_copy.take_out(connection, self.files, CHUNK_GROUPS)
            forget_connections()

    def bill(self) -> Worked:
        """The product's run, on a fresh copy."""
        with self.ground.copied(self.template, "product") as database:
            worked = self._bill(database)
            self.compare(database)
            forget_connections()
        return worked

    def copy_rows(self) -> Worked:
        """The same rows into bare tables."""
        with self.ground.copied("template0", "bare") as database:
            with self.ground.connected(database) as connection:
                for statement in self.bare_tables:
                    connection.execute(statement.encode())
            worked = raw_copy.bring_in(self.ground, database, self.files)
            self.compare(database)
        return worked

    def work_off_jobs(self) -> Worked:
        """The first subscribers by a job each, on a fresh copy."""
        with self.ground.copied(self.template, "jobs") as database:
            worked = row_by_row.work_off(self.ground, database, self.merchant_id)
            self.compare(database, row_by_row.JOBS)
            prove(self.ground, database, self.merchant_id)
        return worked

    def _bill(self, database: str) -> Worked:
        self.ground.boot(database)
        runs: list[Run] = []

        def begin() -> list[Run]:
            runs.append(bill.begin(self.merchant_id, THROUGH, NOW))
            return runs * crew.PROCESSES

        worked = crew.work(partial(self.ground.boot, database), _work, begin)
        with reading(self.merchant_id, "run") as session:
            done = billing.progress(session, runs[0].id)
        if (done.invoices, done.parked) != (self.size, 0):
            raise AssertionError(f"{self.size} invoices were to be made: {done}")
        return worked

    def compare(self, database: str, invoices: int = 0) -> None:
        """Raise AssertionError unless a database has as many rows as the rehearsal made.

        Of fewer invoices there must be as many rows each.
        """
        wanted = {
            table: rows * (min(invoices, self.size) or self.size) // self.size
            for table, rows in self.counts.items()
        }
        with self.ground.connected(database) as connection:
            counts = raw_copy.count_rows(connection)
        if counts != wanted:
            raise AssertionError(f"rows differ from the rehearsal's {wanted}: {counts}")


def measure(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Bill October for `size` subscribers in two processes."""
    tell(f"making {size:,} subscribers")
    town = Town(ground, size)
    tell("rehearsing, and proving every invoice")
    town.rehearse()
    tell("billing between two bare copies")
    rounds = interleaved(town.bill, town.copy_rows, ROUNDS, steady_spread())
    tell("a job each for the first subscribers")
    jobs = town.work_off_jobs()
    value = median_of(rounds, lambda one: size / one.product.seconds)
    baseline = median_of(rounds, lambda one: size / one.baseline_seconds)
    ratio = median_of(rounds, lambda one: one.ratio)
    samples = [sample(one, size) for one in rounds]
    naive = min(row_by_row.JOBS, size) / jobs.seconds
    return [
        Measured("a", "invoices/s", value, baseline, ratio, samples),
        Measured("a_backbone", "invoices/s", value, baseline, ratio, samples),
        Measured("a_naive", "invoices/s", value, naive, value / naive, [{"jobs": jobs}]),
    ]


def sample(one: Round, size: int) -> dict[str, object]:
    """What a round measured, as it is kept."""
    return {
        "ratio": short(one.ratio),
        "invoices_per_second": short(size / one.product.seconds),
        "baseline_spread": short(one.spread),
        "product": one.product,
        "baseline": [one.before, one.after],
    }


def _work(run: Run) -> None:
    bill.work(run, NOW)
