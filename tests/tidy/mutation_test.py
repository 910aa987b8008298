"""The count of the mutation run: what is seen, what is not, and that no line is left out."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scripts import mutation
from tests.tidy.sources import ROOT, sources

RESULTS = """
    kesto.core.due.x_due__mutmut_1: killed
    kesto.core.due.x_due__mutmut_2: survived
    kesto.core.due.xǁDueǁat__mutmut_1: timeout
    kesto.core.pricing.flat.x_flat__mutmut_1: no tests
"""


def test_the_table_counts_each_file_and_the_sum() -> None:
    assert mutation.table(mutation.read_outcomes(RESULTS)) == [
        "file                  changes  seen  timeout  unseen  no test     score",
        "core/due.py                 3     2        1       1        0    66.7 %",
        "core/pricing/flat.py        1     0        0       1        1     0.0 %",
        "total                       4     2        1       2        1    50.0 %",
    ]


def test_only_what_failed_or_did_not_end_was_seen() -> None:
    assert mutation.percent(["killed", "timeout"]) == 100
    for outcome in ("survived", "no tests", "suspicious", "segfault", "skipped", "not checked"):
        assert mutation.percent(["killed", outcome]) == 50
    assert mutation.percent([]) == 0


def test_the_settings_are_read_as_they_are_meant() -> None:
    settings = tomllib.loads(mutation.tool_settings(["kesto/core/*"], ["kesto/core"]))
    found = settings["tool"]["mutmut"]
    assert found["only_mutate"] == ["kesto/core/*"]
    assert found["pytest_add_cli_args_test_selection"] == ["kesto/core"]


def test_what_judges_is_there() -> None:
    for name in (*mutation.TESTS, mutation.NOT_ASKED.split("::")[0]):
        assert (ROOT / name).exists()


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"kesto/core/dew\.py is no file of kesto/core"):
        mutation.refuse_unknown(["kesto/core/due.py", "kesto/core/dew.py"])


def test_the_program_says_what_it_takes() -> None:
    command = [sys.executable, "-m", "scripts.mutation", "--help"]
    said = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    assert "--tests" in said
    assert Path("docs/mutation.md").name in said


def test_no_line_is_left_out() -> None:
    words = ("pragma: no " + "mutate", "do_not_mutate_" + "patterns")
    assert [source.path for source in sources() if any(word in source.text for word in words)] == []
