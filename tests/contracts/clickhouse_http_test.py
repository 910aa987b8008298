"""The way to a ClickHouse server: what is sent over HTTP, what is made of each kind of answer."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kesto.core.refusals import EventsAway, Invalid, NotFound
from kesto.ops import config
from kesto.ops.commands import usage_store
from kesto.store.usage.clickhouse_http import HttpServer
from kesto.store.usage.clickhouse_schema import statements
from kesto.store.usage.clickhouse_server import Address


class Answering(BaseHTTPRequestHandler):
    """Answers as it is told, and keeps what it was asked."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, dict[str, str], bytes]] = []
    answers: list[Any] = []

    def do_POST(self) -> None:
        """Answer a question with the next answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, dict(self.headers), body))
        answer = self.answers.pop(0) if self.answers else b"[1]\n"
        if answer == "hang up":
            self.close_connection = True
            return
        status, headers, found = answer if isinstance(answer, tuple) else (200, {}, answer)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(found)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def served() -> Iterator[HttpServer]:
    Answering.asked, Answering.answers = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        made = HttpServer(at(web.server_port))
        yield made
        made.close()
        web.shutdown()


def at(port: int) -> Address:
    who = ("kesto", "s:ä")
    return Address("127.0.0.1", port, False, *who, "usage")


def test_a_question_is_the_body_and_the_login_a_header(served: HttpServer) -> None:
    assert served.ask("select 'ä'") == b"[1]\n"
    ((path, headers, body),) = Answering.asked
    words = parse_qs(urlsplit(path).query)
    assert words["database"] == ["usage"]
    assert words["wait_end_of_query"] == ["1"]
    assert words["default_format"] == ["JSONCompactEachRow"]
    assert headers["Authorization"] == "Basic a2VzdG86czrDpA=="
    assert "s:" not in path
    assert body == "select 'ä'".encode()


def test_rows_follow_their_insert(served: HttpServer) -> None:
    served.tell("insert into t format JSONEachRow", b'{"a":1}\n')
    served.tell("create table t")
    assert [asked[2] for asked in Answering.asked] == [
        b'insert into t format JSONEachRow\n{"a":1}\n',
        b"create table t",
    ]


def test_a_kept_connection_that_was_closed_is_opened_again(served: HttpServer) -> None:
    served.ask("select 1")
    Answering.answers = ["hang up"]
    assert served.ask("select 2") == b"[1]\n"
    assert [asked[2] for asked in Answering.asked] == [b"select 1", b"select 2", b"select 2"]


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b"Code: 241. DB::Exception: Memory limit exceeded"),
        (200, {"X-ClickHouse-Exception-Code": "241"}, b"[1]\nMemory limit exceeded"),
        (404, {}, b"Code: 60. DB::Exception: Unknown table, Memory limit exceeded"),
    ],
)
def test_a_refusal_is_told_and_no_answer(served: HttpServer, answer: object) -> None:
    Answering.answers = [answer]
    with pytest.raises(EventsAway, match="Memory limit exceeded") as told:
        served.ask("select 1")
    assert "s:ä" not in str(told.value)
    assert served.ask("select 1") == b"[1]\n", "the next question is asked as ever"


@pytest.mark.parametrize("headers", [{"Content-Length": "10"}])
def test_half_an_answer_is_none(served: HttpServer, headers: dict[str, str]) -> None:
    Answering.answers = ["hang up", "hang up", (200, {**headers, "Connection": "close"}, b"[1]\n")]
    for _ in range(3):
        with pytest.raises(EventsAway):
            served.ask("select 1")


def test_nobody_at_the_address() -> None:
    with pytest.raises(EventsAway, match=r"127\.0\.0\.1:1/usage does not answer"):
        HttpServer(at(1)).ask("select 1")


def test_tables_are_made_by_a_command(
    served: HttpServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotFound, match="set KESTO_USAGE_URL"):
        usage_store.ddl(apply=True)
    url = f"http://kesto:x@127.0.0.1:{served.address.port}/usage"
    monkeypatch.setenv("KESTO_USAGE_URL", url)
    usage_store.ddl(cluster="main", apply=True)
    assert [asked[2].decode() for asked in Answering.asked] == list(statements("main"))
    assert "made: 2 tables" in capfd.readouterr().err


def test_the_setting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config.usage_address() is None
    url = "https://ke%40sto:p%2Fw@click.example.com/us%65"
    monkeypatch.setenv("KESTO_USAGE_URL", url)
    found = config.usage_address()
    assert found == Address("click.example.com", 8443, True, "ke@sto", "p/w", "use")
    monkeypatch.setenv("KESTO_USAGE_URL", "http://localhost/kesto")
    found = config.usage_address()
    assert found is not None
    assert (found.port, found.user, found.shown) == (8123, "default", "http://localhost:8123/kesto")


@pytest.mark.parametrize(
    "url",
    [
        "clickhouse://example.com/kesto",
        "https://example.com",
        "https://example.com/a/b",
        "https://example.com:port/kesto",
        "https://example.com/kesto?user=x",
        "http://kesto:secret@example.com/kesto",
        "https:///kesto",
    ],
)
def test_a_wrong_setting_is_refused_without_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KESTO_USAGE_URL", url)
    with pytest.raises(Invalid) as refused:
        config.usage_address()
    assert refused.value.field == "KESTO_USAGE_URL"
    assert "secret" not in refused.value.detail
