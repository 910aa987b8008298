"""`kesto import usage`: a file of events through the door, cut off and gone on with."""

import csv
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import sql

from kesto.ops import console, database
from tests.contracts.cli_terminal_test import FILES
from tests.contracts.command_line import CommandLine, opened

METERS = """
currency = "EUR"
prices_include_tax = true

[[products]]
code = "data"
name.en = "Data"

[[meters]]
code = "data"
name.en = "Data"
aggregation = "sum"

[[plans]]
code = "data"
name.en = "Data"

[[plans.prices]]
code = "data"
product = "data"
meter = "data"
interval = "month"
model = "per_unit"
unit_amount = "1"
"""
CUSTOMERS = (
    "external_id,kind,name,street,postal_code,city,subscription_external_id,plan,start_on\n"
    "1,consumer,Aino,Koivukuja 1,00100,Helsinki,S-1,data,2026-10-01\n"
)
MANY = 12_000


@pytest.fixture(scope="module")
def kesto() -> Iterator[CommandLine]:
    with opened() as found:
        found.fine("import", "merchant", found.file("merchant.toml", FILES["merchant.toml"]))
        found.fine("import", "catalogue", found.file("meters.toml", METERS))
        found.fine("import", "customers", found.file("customers.csv", CUSTOMERS))
        yield found


def answered(kesto: CommandLine, *words: str) -> tuple[int, Any]:
    answer = kesto("import", "usage", *words, "--json")
    return answer.status, answer.json


def counts(**more: int) -> dict[str, int]:
    usual = {"rows": 0, "accepted": 0, "duplicate": 0, "rejected": 0, "done_before": 0}
    return {**usual, "not_counted": 0, **more}


def kept(kesto: CommandLine, source: str) -> tuple[int, str]:
    """How many events of a source are there, and what they come to."""
    where = database.address(kesto.home)
    with database.as_superuser(kesto.home, where, database.DATABASE) as connection:
        query = sql.SQL("select count(*), sum(number)::text from usage_event where source = %s")
        row = connection.execute(query, [source]).fetchone()
    return (row[0], row[1]) if row else (0, "")


def test_a_file_is_tried_brought_in_once_and_mended(kesto: CommandLine) -> None:
    kesto.file(
        "usage.csv",
        "id,customer,meter,time,value\n"
        "a,1,data,2026-10-05T09:30:00Z,1.25\n"
        "b,2,data,2026-10-05T09:30:00Z,1\n"
        "c,1,data,2026-10-05,1\n"
        "d,1,data,2026-10-05T09:30:00Z,many\n"
        "a,1,data,2026-10-05T09:30:00Z,1.25\n"
        "e,1,data,2026-10-05T09:30:00Z\n",
    )
    told = counts(rows=6, accepted=2, duplicate=1, rejected=3, not_counted=1)
    before = kesto.contents()
    tried = answered(kesto, "usage.csv", "--dry-run")
    assert tried == (console.FINDINGS, told | {"dry_run": True})
    assert kesto.contents() == before
    assert answered(kesto, "usage.csv") == (console.FINDINGS, told)
    rejected = kesto.folder / "usage.csv.rejected.csv"
    with rejected.open(encoding="utf-8") as opened_file:
        found = list(csv.DictReader(opened_file))
    assert [(row["error_line"], row["error_code"], row["error_field"]) for row in found] == [
        ("3", "unknown_customer", "customer"),
        ("4", "bad_time", "time"),
        ("7", "bad_row", ""),
    ]
    once_more = kesto("import", "usage", "usage.csv")
    assert "brought in before" in once_more.messages
    mended = rejected.read_text().replace("b,2,", "b,1,").replace("05,1,4", "05T09:30:00Z,1,4")
    kesto.file("mended.csv", mended)
    assert answered(kesto, "mended.csv") == (
        console.FINE,
        counts(rows=3, accepted=3, not_counted=1),
    )
    assert kept(kesto, "api") == (5, "3.25")


def test_what_is_done_is_passed_over_unless_all_is_to_be_sent(kesto: CommandLine) -> None:
    kesto.file("hours.csv", "time,value\n" + "2026-10-06 10:00,2\n" * 3)
    how = ("--set", "customer=1", "--set", "meter=data", "--zone", "Europe/Helsinki")
    assert answered(kesto, "hours.csv", *how) == (console.FINE, counts(rows=3, accepted=3))
    done = counts(rows=3, accepted=3, done_before=3)
    assert answered(kesto, "hours.csv", *how) == (console.FINE, done)
    again = answered(kesto, "hours.csv", *how, "--again")
    assert again == (console.FINE, counts(rows=3, duplicate=3))
    assert kept(kesto, "hours.csv") == (3, "6")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["absent.csv"], "absent.csv can't be read"),
        (["meters.toml"], "meter: has no column"),
        (["customers.csv", "--column", "value"], "write --column FIELD=..."),
        (["customers.csv", "--set", "amount=1"], "is no field of an event"),
        (["customers.csv", "--zone", "Mars"], "Mars"),
    ],
)
def test_what_cannot_be_read_is_refused(kesto: CommandLine, words: list[str], said: str) -> None:
    assert said in kesto.refused("import", "usage", *words)


def test_killed_on_the_way_it_goes_on_and_nothing_is_lost_or_twice(kesto: CommandLine) -> None:
    rows = [f"2026-10-07T{n % 24:02}:00:00Z,1,0.{n:05}1" for n in range(MANY)]
    rows[0] = rows[0].replace(",1,", ",nobody,")
    kesto.file("many.csv", "time,customer,value\n" + "\n".join(rows) + "\n")
    words = ("import", "usage", "many.csv", "--set", "meter=data")
    running = subprocess.Popen(
        kesto.line(*words),
        cwd=kesto.folder,
        env=kesto.surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while kept(kesto, "many.csv")[0] < MANY // 4 and running.poll() is None:
        time.sleep(0.05)
    os.kill(running.pid, signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    status, told = answered(kesto, *words[2:])
    assert status == console.FINDINGS
    assert 0 < told["done_before"] < told["rows"] == MANY
    assert told["accepted"] + told["duplicate"] == MANY - 1
    assert told["rejected"] == 1
    exact = sum(10 * n + 1 for n in range(1, MANY))
    count, added = kept(kesto, "many.csv")
    assert (count, round(float(added) * 10**6)) == (MANY - 1, exact)
    text = (kesto.folder / "many.csv.rejected.csv").read_text()
    assert len(text.splitlines()) == 2
