"""The consumer of the recipe: what it posts is taken in once, whatever stands in the way."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from kesto.store.session import reading
from tests.contracts.api_visits import Program, key_for
from tests.town import Town

PAGE = Path(__file__).parents[2] / "docs" / "recipes" / "kafka.md"
ONE = {"customer": "aino", "meter": "talk", "time": "2026-10-09T12:00:00Z", "value": "1.25"}


class Door(BaseHTTPRequestHandler):
    """The way to the real door, after some troubles."""

    program: Program
    troubles: list[int] = []
    statuses: list[int] = []

    def do_POST(self) -> None:
        """Answer as the door does, or with the next trouble."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.program.send("POST", self.path, body)
        # Where something is in the way, the answer is lost on its way back: the door took all in.
        status = self.troubles.pop(0) if self.troubles else answer.status_code
        self.statuses.append(status)
        self.send_response(status)
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(answer.content)
        connections.close_all()

    def log_message(self, *_: object) -> None:
        """Nothing."""


Post = Callable[[list[dict[str, Any]]], None]


@pytest.fixture
def town(town: Town) -> Town:
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.clock("2026-10-20")
    return town


@pytest.fixture
def post(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """The function of the recipe, with a door to post to."""
    code = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)[
        0
    ]
    code = code.replace("from confluent_kafka import Consumer, KafkaException\n", "")
    code = code.replace("\nmain()\n", "\n")
    Door.program, Door.troubles, Door.statuses = Program(key_for(town)), [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        monkeypatch.setenv("KESTO_URL", f"http://127.0.0.1:{web.server_port}")
        monkeypatch.setenv("KESTO_KEY", "the program has it")
        names: dict[str, Any] = {}
        exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102 - our own page
        yield names["post"]
        web.shutdown()


def test_what_is_posted_again_counts_once(
    town: Town, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [{**ONE, "id": f"e{n}"} for n in range(3)]
    Door.troubles = [503, 429, 502]
    post([*events, {**ONE, "id": "strange", "meter": "none"}])
    post(events)
    assert Door.statuses == [503, 429, 502, 200, 200]
    assert capsys.readouterr().out.startswith("strange unknown_meter there is no meter 'none'")
    with reading(town.merchant_id) as session:
        found = session.rows(
            "select event_id from usage_event where merchant_id = %s order by 1", town.merchant_id
        )
    assert [row[0] for row in found] == ["e0", "e1", "e2"]


def test_what_no_patience_mends_ends_it(post: Post) -> None:
    Door.troubles = [401]
    with pytest.raises(SystemExit, match="401"):
        post([{**ONE, "id": "e"}])
