"""Change kesto/core a little, thousands of times, and count the changes that the tests see.

`make mutation` takes all of `kesto/core`; `make mutation FILES="kesto/core/due.py"` a part of it.
mutmut makes the changes in a copy of the project and runs, for each, the tests that reach it. A
change is seen when a test fails, or does not end any more. Fails below 90 % of all changes: those
that no test reaches, or that end strangely, count as unseen, and no line is left out.
"""

import argparse
import fnmatch
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / ".made" / "mutation"
LOG = COPY / "mutmut.log"
UNSEEN = COPY / "unseen.txt"
COPIED = ("kesto", "tests", "docs", "conftest.py", "pyproject.toml")
CORE = "kesto/core/*"
BAR_PERCENT = 90
SEEN = ("killed", "timeout")

# What judges: the tests beside the core, and the worked tables of the documents.
TESTS = ("kesto/core", "tests/contracts/algorithms_test.py", "tests/contracts/cases_test.py")
# Asks which functions a module has; in the copy it has each of them many times over.
NOT_ASKED = "kesto/core/ledger_test.py::test_every_template_is_in_the_law_above"

Outcomes = dict[str, str]


def main() -> None:
    """Make the changes, run the tests, print the score and fail below the bar."""
    given = arguments()
    files = given.files or [CORE]
    refuse_unknown(files)
    prepare(files, given.tests)
    run_tool(given.processes)
    outcomes = read_outcomes(ask("results", "--all", "true"))
    unseen = sorted(name for name, outcome in outcomes.items() if outcome not in SEEN)
    UNSEEN.write_text("".join(f"{name}: {outcomes[name]}\n" for name in unseen), encoding="utf-8")
    print("\n".join(table(outcomes)))
    print(f"The unseen are named in {UNSEEN.relative_to(ROOT)}. To look at one of them:")
    print(f"  cd {COPY.relative_to(ROOT)} && {os.path.relpath(tool(), COPY)} show NAME")
    score = percent(outcomes.values())
    if score < BAR_PERCENT:
        sys.exit(f"mutation: {score:.1f} % were seen, {BAR_PERCENT} % must be")


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="mutation", description="see docs/mutation.md")
    parser.add_argument("files", nargs="*", help="parts of kesto/core, as kesto/core/pricing/*")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="what judges, if not everything")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def refuse_unknown(files: Iterable[str]) -> None:
    """Name what fits no file of the core."""
    core = [str(path.relative_to(ROOT)) for path in (ROOT / "kesto" / "core").rglob("*.py")]
    for pattern in files:
        if not fnmatch.filter(core, pattern):
            sys.exit(
                f"mutation: {pattern} is no file of kesto/core; name one, as kesto/core/due.py"
            )


def prepare(files: Iterable[str], tests: Iterable[str]) -> None:
    """Copy the project to a place that no one commits, with the tool's settings."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, COPY / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, COPY / name)
    with (COPY / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write(tool_settings(files, tests))
    with (COPY / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write("\nfrom tests.forgetting import pytest_runtest_setup\n")


def tool_settings(files: Iterable[str], tests: Iterable[str]) -> str:
    """What is changed and what judges it, as the tool's part of pyproject.toml."""
    values: dict[str, list[str]] = {
        "source_paths": ["kesto"],
        "only_mutate": list(files),
        "do_not_mutate": ["*_test.py"],
        "also_copy": ["conftest.py", "docs"],
        "pytest_add_cli_args_test_selection": list(tests),
        "pytest_add_cli_args": [
            "-p",
            "no:xdist",
            "-p",
            "no:cacheprovider",
            "--deselect",
            NOT_ASKED,
        ],
    }
    lines = [f"{name} = {value!r}" for name, value in values.items()]
    switches = ["track_dependencies = false", "use_git_change_detection = false"]
    return "\n".join(["", "[tool.mutmut]", *lines, *switches, ""])


def run_tool(processes: int) -> None:
    """Let the tool work: on a terminal it shows how far it is, else it writes to its log."""
    command = [str(tool()), "run", "--max-children", str(processes)]
    # The same inputs for every change: chance must not decide what is seen. And few of them, as
    # an unseen change goes through every test that reaches it.
    environment = {**os.environ, "CI": "true", "KESTO_EXAMPLES": "20"}
    if sys.stdout.isatty():
        code = subprocess.run(command, check=False, cwd=COPY, env=environment).returncode
    else:
        print(f"The tool works, and writes to {LOG.relative_to(ROOT)}", flush=True)
        with LOG.open("w", encoding="utf-8") as log:
            code = subprocess.run(
                command, check=False, cwd=COPY, env=environment, stdout=log, stderr=log
            ).returncode
    if code != 0:
        sys.exit(f"mutation: the tool failed with status {code}; its words are above or in its log")


def ask(*words: str) -> str:
    """Return what the tool says of its work."""
    command = [str(tool()), *words]
    return subprocess.run(command, check=True, cwd=COPY, capture_output=True, text=True).stdout


def tool() -> Path:
    """The tool of the environment that runs this."""
    return Path(sys.prefix) / "bin" / "mutmut"


def read_outcomes(results: str) -> Outcomes:
    """Each change by its name, with what came of it; the tool says `name: outcome`, a line each."""
    pairs = (line.strip().partition(": ") for line in results.splitlines())
    return {name: outcome for name, colon, outcome in pairs if colon}


def table(outcomes: Mapping[str, str]) -> list[str]:
    """The files with their changes, what became of them and the score; the sum below."""
    files: dict[str, Counter[str]] = defaultdict(Counter)
    for name, outcome in outcomes.items():
        files[file_of(name)][outcome] += 1
    total = sum(files.values(), Counter[str]())
    width = max(len(name) for name in [*files, "total"])
    head = f"{'file':{width}}  changes  seen  timeout  unseen  no test     score"
    rows = [row(name, files[name], width) for name in sorted(files)]
    return [head, *rows, row("total", total, width)]


def row(name: str, counts: Counter[str], width: int) -> str:
    """A line of the table; what timed out was seen, what no test reached is unseen."""
    changes, seen = counts.total(), sum(counts[outcome] for outcome in SEEN)
    figures = f"{changes:7}  {seen:4}  {counts['timeout']:7}  {changes - seen:6}"
    score = percent(counts.elements())
    return f"{name:{width}}  {figures}  {counts['no tests']:7}  {score:6.1f} %"


def file_of(name: str) -> str:
    """The file of a change: `kesto.core.due.x_due__mutmut_1` is in `core/due.py`."""
    return name.rsplit(".", 1)[0].removeprefix("kesto.").replace(".", "/") + ".py"


def percent(outcomes: Iterable[str]) -> float:
    """The share of the changes that were seen; none at all is no success."""
    found = list(outcomes)
    return 100 * sum(outcome in SEEN for outcome in found) / len(found) if found else 0


if __name__ == "__main__":
    main()
