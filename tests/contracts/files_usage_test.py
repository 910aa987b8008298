"""Files of usage: what is read of CSV and Parquet, and what is written of rejected rows."""

import csv
import importlib
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kesto.adapters.files import usage_rows
from kesto.adapters.files.errors import InvalidFile
from kesto.adapters.files.rejected_rows import RejectedFile, Rejection
from kesto.adapters.files.usage_rows import EventRow, Layout, checked_field, open_usage
from kesto.core.refusals import Invalid, NotAllowed

PLAIN = "id,customer,meter,time,value\n1,aino,data,2026-10-05T09:30:00Z,1.25\n"


def rows(folder: Path, text: str | bytes, layout: Layout | None = None) -> list[EventRow]:
    path = folder / "usage.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(open_usage(path, layout or Layout()).rows())


def problems(folder: Path, text: str | bytes, layout: Layout | None = None) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        rows(folder, text, layout)
    return [f"{one.line} {one.field}: {one.detail}" for one in caught.value.errors]


def test_a_row_is_the_event_that_would_be_sent(tmp_path: Path) -> None:
    text = (
        "\N{ZERO WIDTH NO-BREAK SPACE}id;source;subscription;meter;time;value;properties.zone\r\n"
        "7;cdr;S-1;data;2026-10-05T09:30:00+03:00;1,5;eu\r\n\r\n"
        '8;;S-1;data;2026-10-05T09:31:00+03:00;"";\r\n'
    )
    first, second = rows(tmp_path, text)
    assert first.event == {
        "id": "7",
        "source": "cdr",
        "subscription": "S-1",
        "meter": "data",
        "time": "2026-10-05T09:30:00+03:00",
        "value": "1,5",
        "properties": {"zone": "eu"},
    }
    assert (first.line, second.line) == (2, 4)
    assert "value" not in second.event
    assert "properties" not in second.event


def test_columns_are_named_and_what_holds_for_all_rows_is_set(tmp_path: Path) -> None:
    layout = Layout(
        columns={"time": "timestamp", "properties.server": "host"},
        fixed={"customer": "aino", "meter": "cpu"},
        ignored=frozenset(["remark"]),
        zone="Europe/Helsinki",
    )
    text = "timestamp,value,host,remark\n2014-03-09 03:00:00,0.20199999999999999,a1,x\n"
    (row,) = rows(tmp_path, text * 1, layout)
    assert row.event == {
        "id": "1",
        "source": "usage.csv",
        "customer": "aino",
        "meter": "cpu",
        "time": "2014-03-09T03:00:00+02:00",
        "value": "0.20199999999999999",
        "properties": {"server": "a1"},
    }


def test_rows_without_ids_are_named_by_their_numbers_wherever_reading_begins(
    tmp_path: Path,
) -> None:
    path = tmp_path / "usage.csv"
    path.write_text("customer,meter,time\n" + "a,m,2026-10-05T09:30:00Z\n" * 5)
    file = open_usage(path, Layout())
    assert file.names_rows
    assert [row.event["id"] for row in file.rows()] == ["1", "2", "3", "4", "5"]
    assert [(row.line, row.event["id"]) for row in file.rows(3)] == [(5, "4"), (6, "5")]


def test_properties_may_stand_in_one_cell(tmp_path: Path) -> None:
    text = 'id,customer,meter,time,properties\n1,a,m,T,"{""zone"": ""eu"", ""n"": 3}"\n2,a,m,T,[]\n'
    first, second = rows(tmp_path, text)
    assert first.event["properties"] == {"zone": "eu", "n": "3"}
    assert second.event["properties"] == "[]"


@pytest.mark.parametrize(
    ("text", "layout", "said"),
    [
        ("id,time,value\n", Layout(), ["meter: has no column", "customer: or subscription has no"]),
        ("id,customer,meter,tiem\n", Layout(), ["did you mean time?", "time: has no column"]),
        (PLAIN.replace("value", "id"), Layout(), ["id: stands twice in the header"]),
        (PLAIN, Layout(columns={"time": "at"}), ["at: is no column; it was named for time"]),
        (PLAIN.replace("aino", "ä").encode("latin-1"), Layout(), ["this is not UTF-8"]),
        (PLAIN + '"x', Layout(), ["3 : this row is not CSV"]),
    ],
)
def test_a_file_that_is_not_understood_is_refused_with_all_that_is_wrong(
    tmp_path: Path, text: str | bytes, layout: Layout, said: list[str]
) -> None:
    found = problems(tmp_path, text, layout)
    assert [any(words in one for one in found) for words in said] == [True] * len(said), found


def test_a_row_of_another_length_is_a_row_to_be_mended(tmp_path: Path) -> None:
    first, second = rows(tmp_path, PLAIN + "2,aino,data,2026-10-05T09:30:00Z\n")
    assert (first.problem, second.problem) == ("", "has 4 cells, but the header names 5")


def test_only_fields_of_an_event_are_named() -> None:
    assert checked_field("properties.zone") == "properties.zone"
    for wrong in ("properties.", "amount"):
        with pytest.raises(Invalid, match="is no field of an event"):
            checked_field(wrong)


def test_rejected_rows_can_be_mended_and_sent_as_they_are(tmp_path: Path) -> None:
    layout = Layout(columns={"value": "n"}, fixed={"meter": "data"}, zone="UTC")
    path = tmp_path / "usage.csv"
    path.write_text(
        "customer,n,time,properties\n"
        'x,"1","2026-10-05T09:30","{""zone"": ""eu""}"\n'
        "y,2,2026-10-06T09:30,\n"
        "z,3,2026-10-07T09:30,\n"
    )
    file = open_usage(path, layout)
    rejected = RejectedFile(tmp_path / "rejected.csv", file)
    found = list(file.rows())
    rejected.add([Rejection(row, "unknown_customer", "customer", "who?") for row in found[:2]])
    rejected.add([Rejection(found[2], "unknown_customer", "customer", "who?")])
    with rejected.path.open() as opened:
        written = list(csv.DictReader(opened))
    assert [row["error_line"] for row in written] == ["2", "3", "4"]
    again = list(open_usage(rejected.path, Layout()).rows())
    assert [row.event for row in again] == [row.event for row in found]
    rejected.begin(3)
    with rejected.path.open() as opened:
        assert [row["error_line"] for row in csv.DictReader(opened)] == ["2", "3"]


# --- Parquet


def parquet(path: Path, columns: Mapping[str, Any]) -> Path:
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra `parquet`")
    writer = importlib.import_module("pyarrow.parquet")
    writer.write_table(pyarrow.table(dict(columns)), path)
    return path


def test_parquet_is_read_as_csv_is(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "usage.parquet",
        {
            "id": [1, 2],
            "customer": ["aino", "aino"],
            "meter": ["data", "data"],
            "time": [datetime(2026, 10, 5, 9, 30, tzinfo=UTC)] * 2,
            "value": [Decimal("1.250"), Decimal("0.000000000001")],
            "properties": [
                {"zone": "eu", "load": 0.20199999999999999},
                {"zone": None, "load": 1.0},
            ],
        },
    )
    file = open_usage(path, Layout())
    first, second = file.rows()
    assert file.count() == 2
    assert first.event == {
        "id": "1",
        "customer": "aino",
        "meter": "data",
        "time": "2026-10-05T09:30:00+00:00",
        "value": "1.250000000000",
        "properties": {"zone": "eu", "load": "0.20199999999999999"},
    }
    assert second.event["properties"] == {"load": "1.0"}
    assert [row.line for row in file.rows(1)] == [2]


def test_without_the_package_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_rows, "READER", "pyarrow_that_is_not_there")
    path = tmp_path / "usage.parquet"
    path.write_bytes(b"PAR1rest")
    with pytest.raises(NotAllowed, match=r"pip install 'kesto\[parquet\]'"):
        open_usage(path, Layout())


def test_what_only_begins_like_parquet_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs the extra `parquet`")
    path = tmp_path / "usage.parquet"
    path.write_bytes(b"PAR1rest")
    with pytest.raises(Invalid, match="can't be read as Parquet"):
        open_usage(path, Layout())
