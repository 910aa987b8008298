"""Each rule is shown a planted fault: a rule that finds nothing there would never find anything."""

import pytest

from tests.tidy.sources import Rule, Source
from tests.tidy.tree_test import RULES

# rule -> (path, what it must find there, what it must leave alone)
PLANTED = {
    "files of at most 400 lines": ("kesto/core/a.py", "x = 1\n" * 401, "x = 1\n" * 400),
    "functions of at most 60 lines": (
        "kesto/core/a.py",
        "def f() -> None:\n" + "    g()\n" * 60,
        "def f() -> None:\n" + "    g()\n" * 59,
    ),
    "no imports inside functions": (
        "kesto/core/a.py",
        "def f() -> None:\n    if g():\n        from json import loads\n",
        "from json import loads\n",
    ),
    "no broad except but at the edges": (
        "kesto/core/a.py",
        "try:\n    f()\nexcept (ValueError, Exception):\n    pass\n",
        "try:\n    f()\nexcept ValueError:\n    pass\nexcept BaseException:\n    g()\n    raise\n",
    ),
    "every silenced line says why": (
        "kesto/core/a.py",
        "x = f()  # noqa: S101\n",
        "x = f()  # noqa: S101 - a test\ny = f()  # type: ignore[misc]  # untyped there\n",
    ),
    "every lenient setting says why": (
        "pyproject.toml",
        'ignore = [\n    "D104",\n]\n',
        'select = ["ALL"]\nignore = [\n    "D104",  # said elsewhere\n]\n',
    ),
    "every function says what it returns": (
        "kesto/core/a.py",
        "class A:\n    def f(self):\n        pass\n",
        "def f() -> None:\n    pass\n",
    ),
    "names that say what a thing is": (
        "kesto/core/a.py",
        "class PriceManager:\n    pass\n",
        "class PriceList:\n    pass\n",
    ),
    "no floats near money": (
        "kesto/core/a.py",
        "rate = 1.255\n",
        "def f(rate: object) -> bool:\n    return isinstance(rate, float)\n",
    ),
    "one rounding door": ("kesto/flows/a.py", "x = round(y, 2)\n", "x = round_minor(y)\n"),
    "one clock": (
        "kesto/flows/a.py",
        "import datetime\nat = datetime.datetime.now(datetime.UTC)\n",
        "def f(now: datetime) -> date:\n    return now.date()\n",
    ),
    "no chance in the rules": (
        "kesto/flows/a.py",
        "from uuid import uuid4\n",
        "from uuid import UUID\n",
    ),
    "no stopwatch in the rules": (
        "kesto/flows/a.py",
        "import time\ntime.sleep(1)\n",
        "import time\n",
    ),
    "only flows open writing transactions": (
        "kesto/jobs/a.py",
        "with store.writing(merchant):\n    pass\n",
        "with store.reading(merchant):\n    pass\n",
    ),
    "no transactions past the store": (
        "kesto/flows/a.py",
        "with transaction.atomic():\n    pass\n",
        "with store.writing(merchant):\n    pass\n",
    ),
    "no path of one machine": (
        "docs/a.md",
        "see /ho" + "me/aino/notes\n",
        "see ~/notes, /readyz and /v1/home/\n",
    ),
    "no registry host": ("docs/a.md", "from py" + "pi.org\n", "from the package index\n"),
    "the project speaks of itself alone": (
        "docs/a.md",
        "written by an A" + "I\n",
        "a portal session\n",
    ),
    "no third-party file": (
        "docs/a.md",
        "Copy" + "right (c) 2020 Someone Else\n",
        "the right to a copy\n",
    ),
}

# Further faults that a rule must know: rule -> (path, text).
MORE_FAULTS = [
    ("no broad except but at the edges", "kesto/core/a.py", "with suppress(Exception):\n    f()\n"),
    ("no broad except but at the edges", "kesto/core/a.py", "try:\n    f()\nexcept:\n    g()\n"),
    ("every silenced line says why", "tests/a.py", "x = f()  # type: ignore\n"),
    ("every lenient setting says why", "pyproject.toml", "ignore_missing_imports = true\n"),
    ("names that say what a thing is", "kesto/core/utils.py", "x = 1\n"),
    ("names that say what a thing is", "kesto/core/a.py", "class Tenant:\n    pass\n"),
    ("names that say what a thing is", "kesto/core/a.py", "def f(qty: int) -> None:\n    pass\n"),
    ("names that say what a thing is", "kesto/core/a.py", "line_amt = 1\n"),
    ("no floats near money", "kesto/core/a.py", "x = float(y)\n"),
    ("one rounding door", "kesto/flows/a.py", "x = y.quantize(CENT)\n"),
    ("one clock", "kesto/store/a.py", "at = Field(auto_now_add=True)\n"),
    ("one clock", "kesto/store/a.py", "at = Field(default=timezone.now)\n"),
    ("one clock", "kesto/jobs/a.py", "from time import time\n"),
    ("no chance in the rules", "kesto/store/a.py", "import random\n"),
    ("no chance in the rules", "kesto/core/a.py", "x = uuid.uuid4()\n"),
    ("no third-party file", "kesto/web/htmx.min.js", "let a = 1;\n"),
]


def test_every_rule_has_a_canary() -> None:
    assert sorted(PLANTED) == sorted(rule.name for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_finds_the_planted_fault_and_nothing_else(rule: Rule) -> None:
    path, fault, clean = PLANTED[rule.name]
    assert rule.applies(path)
    assert [finding.message for finding in rule.find(Source(path, fault))]
    assert [*rule.find(Source(path, clean))] == []


@pytest.mark.parametrize(("name", "path", "fault"), MORE_FAULTS)
def test_rule_knows_this_fault_too(name: str, path: str, fault: str) -> None:
    rule = next(rule for rule in RULES if rule.name == name)
    assert rule.applies(path)
    assert any(rule.find(Source(path, fault)))
