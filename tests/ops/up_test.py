"""`kesto up` as a whole: database, front and worker together."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from kesto.api import limits
from kesto.ops import cores, front, postgres, shared, together
from kesto.ops.home import Home

READY_SECONDS = 30.0
MODULES = ("kesto.ops.serve", "kesto.ops.work")
WEB = ("web-1", "web-2")
MERCHANT = """
code = "shop"
name = "Shop"
mode = "test"
business_id = "2915046-7"
street = "Kuja 1"
postal_code = "00100"
city = "Helsinki"
country = "FI"
email = "shop@example.com"
iban = "FI21 1234 5600 0007 85"
"""
SLOW_CLIENTS = front.THREADS * 3


class Site:
    """A running `kesto up` and how to talk to it."""

    def __init__(self, place: Home, port: int) -> None:
        self.home = place
        self.port = port

    @property
    def surroundings(self) -> dict[str, str]:
        ours = {
            "KESTO_HOME": str(self.home.path),
            "KESTO_PORT": str(self.port),
            "KESTO_WEB_PROCESSES": str(len(WEB)),
        }
        # The tests set up Django; the shell of whoever starts Kesto does not.
        theirs = {name: text for name, text in os.environ.items() if not name.startswith("DJANGO")}
        return {**theirs, **ours, "KESTO_BALLAST_MB": "1"}

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "kesto.ops.cli", *words]
        return subprocess.run(
            line, env=self.surroundings, capture_output=True, text=True, check=False
        )

    def get(self, path: str, method: str = "GET", **options: object) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=READY_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, **options)  # type: ignore[arg-type]  # handed on as they are
            response = connection.getresponse()
            response.read()
            return response

    def send(self, head: str, body: bytes = b"") -> socket.socket:
        """Open a connection that has sent this much and no more."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        client.sendall(f"{head}\r\nHost: localhost\r\n".encode() + body)
        return client

    def children(self, module: str) -> list[psutil.Process]:
        up = together.current(self.home)
        found = psutil.Process(up.process.pid).children() if up is not None else []
        return [child for child in found if not has_ended(child) and module in child.cmdline()]

    def serve(self) -> list[psutil.Process]:
        """The web processes that take connections."""
        return [child for child in self.children("kesto.ops.serve") if self._listeners(child)]

    def _listeners(self, among: Any = psutil) -> int:
        listening = (self.port, psutil.CONN_LISTEN)
        return sum(
            (one.laddr.port, one.status) == listening
            for one in among.net_connections("tcp")
            if one.laddr
        )

    def holding_the_api(self) -> int:
        """How many of them have loaded the API."""
        held = [Path(f"/proc/{web.pid}/maps").read_text(encoding="utf-8") for web in self.serve()]
        return sum("pydantic_core" in text for text in held)

    def has_another(self, module: str, old: psutil.Process) -> bool:
        return self.children(module) not in ([], [old])

    def all_serve(self) -> bool:
        return len(self.serve()) == len(WEB)

    def one_is_gone(self) -> bool:
        # Not only its first thread: the last one that ends closes what it listened at.
        return self._listeners() == len(WEB) - 1


def has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if condition():
                return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def stopped() -> Iterator[Site]:
    folder = tempfile.mkdtemp(prefix="kesto-up-")
    yield Site(Home(Path(folder)), free_port())
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def site(stopped: Site) -> Iterator[Site]:
    started = stopped.command("up", "--detach", "--json")
    assert json.loads(started.stdout) == {"address": f"http://127.0.0.1:{stopped.port}"}
    yield stopped
    assert comes_true(stopped.all_serve)
    children = [child for module in MODULES for child in stopped.children(module)]
    ended = stopped.command("down")
    assert (ended.stdout, ended.returncode) == ("Kesto is stopped.\n", 0)
    assert len(children) == len(WEB) + 1
    assert all(has_ended(child) for child in children)
    assert postgres.alive(stopped.home) is None
    assert stopped.command("down").stdout == "Kesto was not running.\n"


def test_foreground_stops_in_order_on_ctrl_c(stopped: Site) -> None:
    line = [sys.executable, "-m", "kesto.ops.cli", "up"]
    with subprocess.Popen(line, env=stopped.surroundings, stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        assert "Kesto is ready at" in up.stdout.readline()
        up.send_signal(signal.SIGINT)
        assert up.wait(READY_SECONDS) == 0
    assert postgres.alive(stopped.home) is None


def test_health(site: Site) -> None:
    assert [site.get(path).status for path in ("/livez", "/readyz", "/startupz")] == [200] * 3


def test_unknown_address(site: Site) -> None:
    assert site.get("/nothing").status == 404


def test_one_web_process_has_the_pages_and_others_load_them_when_asked(site: Site) -> None:
    assert comes_true(site.all_serve)
    later = [shared.PAGES_LATER in web.cmdline() for web in site.serve()]
    assert sorted(later) == [False, *[True] * (len(WEB) - 1)]
    for _ in range(8 * len(WEB)):  # each is a connection of its own, which any of them may get
        assert site.get("/office/sign-in/").status == 200


def test_the_api_is_loaded_by_its_first_call(site: Site) -> None:
    assert comes_true(site.all_serve)
    assert site.get("/office/sign-in/").status == 200
    assert site.holding_the_api() == 0
    assert site.get("/v1/customers").status == 401
    assert site.holding_the_api() == 1


def test_second_up_is_refused(site: Site) -> None:
    for words in (["up"], ["up", "--detach"]):
        again = site.command(*words)
        assert again.returncode == 2
        assert "already runs" in again.stderr


def test_taken_port_is_refused(site: Site) -> None:
    other = Site(Home(site.home.path.with_suffix(".other")), site.port)
    refused = other.command("up", "--json")
    assert refused.returncode == 2
    assert json.loads(refused.stdout)["error"]["field"] == "KESTO_PORT"
    assert not other.home.data.exists()
    shutil.rmtree(other.home.path)


def test_doctor_finds_nothing(site: Site) -> None:
    found = site.command("doctor", "--json")
    assert json.loads(found.stdout)["is_fine"], found.stdout
    assert found.returncode == 0


def test_web_process_holds_no_secret_of_the_run(site: Site) -> None:
    for module in MODULES:
        for process in site.children(module):
            surroundings = " ".join(f"{k}={v}" for k, v in process.environ().items())
            for secret in site.home.secrets.iterdir():
                assert secret.read_text() not in surroundings


def test_slow_bodies_do_not_stop_the_others(site: Site) -> None:
    with contextlib.ExitStack() as clients:
        for _ in range(SLOW_CLIENTS):
            head = "POST /nothing HTTP/1.1\r\nContent-Length: 1000"
            clients.enter_context(site.send(head, b"\r\nabc"))
        assert site.get("/readyz").status == 200


def test_large_body_is_turned_away_unread(site: Site) -> None:
    head = f"POST /nothing HTTP/1.1\r\nContent-Length: {front.BODY_BYTES + 1}"
    with site.send(head, b"\r\n") as client:
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_large_body_without_a_length_is_turned_away(site: Site) -> None:
    block = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    with site.send("POST /nothing HTTP/1.1\r\nTransfer-Encoding: chunked", b"\r\n") as client:
        with contextlib.suppress(ConnectionError):
            for _ in range(front.BODY_BYTES // 0x100000 + 1):
                client.sendall(block)
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_whole_body_reaches_django(site: Site) -> None:
    assert site.get("/nothing", "POST", body=b"x" * 100_000).status == 404


def test_web_processes_count_together_what_a_key_asks(site: Site, tmp_path: Path) -> None:
    assert comes_true(site.all_serve)
    (tmp_path / "merchant.toml").write_text(MERCHANT, encoding="utf-8")
    opened = site.command("import", "merchant", str(tmp_path / "merchant.toml"))
    assert opened.returncode == 0, opened.stderr
    key = json.loads(site.command("key", "make", "shop", "--json").stdout)["key"]
    let_in, began = 0, time.monotonic()
    while site.get("/v1/merchant", headers={"Authorization": f"Bearer {key}"}).status == 200:
        let_in += 1
    refilled = (time.monotonic() - began) * limits.REQUESTS_PER_SECOND
    assert limits.BURST <= let_in <= limits.BURST + refilled + 1
    assert site.holding_the_api() == len(WEB)


def test_killed_worker_comes_back(site: Site) -> None:
    (before,) = site.children("kesto.ops.work")
    before.kill()
    assert comes_true(partial(site.has_another, "kesto.ops.work", before))
    assert comes_true(lambda: site.get("/readyz").status == 200)


@pytest.mark.parametrize("number", range(len(WEB)))
def test_while_a_killed_web_process_comes_back_the_others_answer(site: Site, number: int) -> None:
    assert comes_true(site.all_serve)
    killed = site.serve()[number]
    killed.kill()
    assert comes_true(site.one_is_gone)
    answers = []
    while not site.all_serve():
        answers.append(site.get("/startupz").status)
    assert set(answers) == {200}
    assert killed not in site.serve()


def test_each_web_process_keeps_to_its_share_of_the_cores(site: Site) -> None:
    """Also one that was started again; and not its first thread alone."""
    assert comes_true(site.all_serve)
    shares = {cores.share(number, len(WEB)) for number in range(len(WEB))}
    kept_to = [
        {frozenset(os.sched_getaffinity(thread.id)) for thread in web.threads()}
        for web in site.serve()
    ]
    assert all(len(one) == 1 for one in kept_to)
    assert set().union(*kept_to) == shares


@pytest.mark.usefixtures("backends_may_be_changed")
def test_what_the_database_does_for_a_web_process_it_does_on_the_same_cores(site: Site) -> None:
    assert comes_true(site.all_serve)
    server = postgres.alive(site.home)
    assert server is not None
    shares = {cores.share(number, len(WEB)) for number in range(len(WEB))}
    kept_to: dict[str, set[frozenset[int]]] = {"kesto_app": set(), "checkpointer": set()}
    for backend in psutil.Process(server.process.pid).children():
        who = backend.cmdline()[0].split()[1]
        kept_to.setdefault(who, set()).add(frozenset(os.sched_getaffinity(backend.pid)))
    everywhere = frozenset(os.sched_getaffinity(0))
    assert kept_to["checkpointer"] == {everywhere}, "what works for all is where there is room"
    assert kept_to["kesto_app"] - {everywhere} == shares - {everywhere}


def test_killed_web_comes_back_as_a_whole(site: Site) -> None:
    for child in site.children("kesto.ops.serve"):
        child.kill()
    assert comes_true(lambda: site.get("/readyz").status == 200)
    assert comes_true(site.all_serve)


def test_each_process_has_a_log_of_its_own(site: Site) -> None:
    logs = {path.stem for path in site.home.logs.glob("*.log")}
    assert {*WEB, "worker-1"} <= logs


def test_killed_database_comes_back(site: Site) -> None:
    running = postgres.alive(site.home)
    assert running is not None
    os.kill(running.process.pid, signal.SIGKILL)
    assert comes_true(lambda: postgres.alive(site.home) not in (None, running))
    assert comes_true(lambda: site.get("/readyz").status == 200)
    assert site.get("/livez").status == 200


def test_killed_up_takes_its_children_along_and_the_next_takes_over(site: Site) -> None:
    up = together.current(site.home)
    assert up is not None
    children = [child for module in MODULES for child in site.children(module)]
    assert len(children) == len(WEB) + 1
    os.kill(up.process.pid, signal.SIGKILL)
    for child in children:
        assert comes_true(partial(has_ended, child))
    again = site.command("up", "--detach")
    assert again.returncode == 0, again.stderr
    assert site.get("/readyz").status == 200
