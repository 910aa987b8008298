"""Row a2: the same billing run at three sizes: what an invoice costs, and the memory it takes.

A hundredth, a tenth and the whole are towns of their own beside each other. The whole is billed
between two bare copies of its rows, and these between runs of the hundredth: so what an invoice
costs in the one and in the other was measured in the same minutes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median

from msgspec import Struct

from kesto.bench.billing import Town, sample
from kesto.bench.crew import Worked
from kesto.bench.figure import Measured, short, steady_spread
from kesto.bench.ground import FIRST, Ground
from kesto.bench.rounds import Round, interleaved

PARTS = (100, 10)
RUNS = 3
"""How often a part is billed; the whole is billed once where the machine is steady."""
MICROSECONDS = 1_000_000


class Cost(Struct, frozen=True):
    """What an invoice costs in a run of so many, in microseconds, of each time it was billed."""

    size: int
    microseconds: list[float]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.microseconds)


def measure(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Bill October for a hundredth, a tenth and the whole of `size` subscribers."""
    with _towns(ground, size, tell) as (least, less, whole):
        tell("billing the smaller ones, again and again")
        few = [least.bill() for _ in range(RUNS)]
        some = [less.bill() for _ in range(RUNS)]
        tell(f"billing {size:,} between two bare copies")
        (one,) = interleaved(whole.bill, whole.copy_rows, 1, steady_spread())
        few += [least.bill() for _ in range(RUNS)]
        costs = [_cost(least, few), _cost(less, some), _cost(whole, [one.product])]
    return [*memory(one.product, some), *growth(costs), *_whole(one, size)]


def memory(all_of_them: Worked, some: Sequence[Worked]) -> list[Measured]:
    """The most memory that a process of the whole's run held, beside those of a tenth."""
    value, baseline = _peak([all_of_them]), median(_peak([one]) for one in some)
    samples: list[dict[str, object]] = [{"tenth": list(some), "whole": all_of_them}]
    return [
        Measured("a2", "MiB a process", value, baseline, value / baseline, samples),
        Measured("a2_peak", "MiB a process", value, 1, value, samples),
    ]


def growth(costs: Sequence[Cost]) -> list[Measured]:
    """What an invoice costs at each size, and at the greatest beside the least."""
    least, *_, whole = costs
    unit = "microseconds an invoice"
    samples = [_shown(cost) for cost in costs]
    grown = whole.middle / least.middle
    return [
        Measured("a_growth", unit, whole.middle, least.middle, grown, samples),
        *(
            Measured("a_cost", unit, cost.middle, 1, cost.middle, [_shown(cost)], cost.size)
            for cost in costs
        ),
    ]


@contextmanager
def _towns(ground: Ground, size: int, tell: Callable[[str], None]) -> Iterator[Sequence[Town]]:
    towns = []
    with ExitStack() as stack:
        for part in (*PARTS, 1):
            count = max(size // part, 1)
            tell(f"making {count:,} subscribers")
            template = stack.enter_context(ground.copied(FIRST, f"town_{part}"))
            town = Town(ground, count, template)
            tell("rehearsing, and proving every invoice")
            town.rehearse()
            towns.append(town)
        yield towns


def _whole(one: Round, size: int) -> list[Measured]:
    value, baseline = size / one.product.seconds, size / one.baseline_seconds
    return [Measured("a", "invoices/s", value, baseline, one.ratio, [sample(one, size)])]


def _cost(town: Town, runs: Sequence[Worked]) -> Cost:
    return Cost(town.size, [MICROSECONDS * one.seconds / town.size for one in runs])


def _shown(cost: Cost) -> dict[str, object]:
    return {"size": cost.size, "microseconds": [short(one) for one in cost.microseconds]}


def _peak(runs: Sequence[Worked]) -> float:
    return max(effort.peak_mib for one in runs for effort in one.efforts)
