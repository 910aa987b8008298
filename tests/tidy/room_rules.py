"""What each room may do: money without floats, time that is given, writing where it belongs."""

import ast
from collections.abc import Iterator

from tests.tidy.sources import Finding, Rule, Source, dotted, inside

# Reading the wall clock, by the last two names of what is used.
CLOCKS = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "time.gmtime",
    "time.localtime",
    "time.time",
    "time.time_ns",
    "timezone.now",
}
CLOCK_FIELDS = {"auto_now", "auto_now_add"}

STOPWATCHES = {"time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep"}
CHANCE = {"os.urandom", "uuid.uuid1", "uuid.uuid4"}
CHANCE_MODULES = {"random", "secrets"}
CHANCE_NAMES = {"uuid1", "uuid4", "urandom"}


def floats(source: Source) -> Iterator[Finding]:
    wanted = "Decimal, Fraction or int; Money for an amount"
    tested = set(instance_checks(source))
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield Finding(node.lineno, f"{node.value} is a float: {wanted}")
        if isinstance(node, ast.Name) and node.id == "float" and node not in tested:
            yield Finding(node.lineno, f"float: {wanted}")


def instance_checks(source: Source) -> Iterator[ast.AST]:
    """Names inside `isinstance(...)`: refusing a float is welcome."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and dotted(node.func) == "isinstance":
            yield from ast.walk(node)


def second_rounding_doors(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            is_quantize = isinstance(node.func, ast.Attribute) and node.func.attr == "quantize"
            if name == "round" or is_quantize:
                yield Finding(node.lineno, "round by Money.rounded or round_minor, the one door")


def clocks(source: Source) -> Iterator[Finding]:
    wanted = "take `now` (or the day) as an argument; the one clock lives in ops"
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and last_two(node) in CLOCKS:
            yield Finding(node.lineno, f"{dotted(node)}: {wanted}")
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield Finding(node.lineno, f"from time import: {wanted}")
        if isinstance(node, ast.keyword) and node.arg in CLOCK_FIELDS:
            yield Finding(node.lineno, f"{node.arg}: {wanted}")


def last_two(node: ast.Attribute) -> str:
    return ".".join(dotted(node).split(".")[-2:])


def chance(source: Source) -> Iterator[Finding]:
    wanted = "ids and secrets are made in store/ids.py or at the edges and handed in"
    for node in source.nodes:
        match node:
            case ast.Attribute() if last_two(node) in CHANCE:
                yield Finding(node.lineno, f"{dotted(node)}: {wanted}")
            case ast.Import(names=names) if {name.name for name in names} & CHANCE_MODULES:
                yield Finding(node.lineno, wanted)
            case ast.ImportFrom(module=module, names=names):
                if module in CHANCE_MODULES or {name.name for name in names} & CHANCE_NAMES:
                    yield Finding(node.lineno, wanted)


def stopwatches(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and last_two(node) in STOPWATCHES:
            yield Finding(node.lineno, f"{dotted(node)}: measure and wait in jobs, demo or ops")


WRITING = {"writing", "writing_after"}


def foreign_writing(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in WRITING:
            yield Finding(node.lineno, "a writing transaction begins and ends in a flow: call one")


def own_transactions(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and last_two(node) == "transaction.atomic":
            yield Finding(node.lineno, "use store.writing (in a flow) or store.reading")


IDS = "kesto/store/ids.py"
QUIET_ROOMS = ("kesto/core/", "kesto/words/", "kesto/countries/", "kesto/store/", "kesto/flows/")

RULES = (
    Rule("no floats near money", inside("kesto/core/"), floats),
    Rule(
        "one rounding door",
        inside(
            "kesto/", but=("kesto/core/money.py", "kesto/words/", "kesto/bench/", "kesto/insight/")
        ),
        second_rounding_doors,
    ),
    Rule("one clock", inside("kesto/", but=("kesto/ops/", IDS)), clocks),
    Rule("no chance in the rules", inside(*QUIET_ROOMS, but=(IDS,)), chance),
    Rule("no stopwatch in the rules", inside(*QUIET_ROOMS), stopwatches),
    Rule(
        "only flows open writing transactions",
        inside("kesto/", but=("kesto/flows/", "kesto/store/")),
        foreign_writing,
    ),
    Rule(
        "no transactions past the store", inside("kesto/", but=("kesto/store/",)), own_transactions
    ),
)
