"""How many web processes there are, and what they share."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest

from kesto.api.doors import together as doors_together
from kesto.core.refusals import Conflict, Invalid
from kesto.ops import checks, config, cores, front, shared
from kesto.ops.home import Home

NAME = "KESTO_WEB_PROCESSES"


@pytest.fixture
def port() -> Iterator[int]:
    with shared.opened(0, 2) as common:
        yield common.port


def listener(port: int, *options: int) -> socket.socket:
    """A socket that listens at a port, as granian opens it or as others do."""
    opened = socket.socket()
    for option in options:
        opened.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        opened.bind((shared.HOST, port))
    except OSError:
        opened.close()
        raise
    opened.listen()
    return opened


@pytest.mark.parametrize(("cores", "processes"), [(1, 1), (2, 2), (16, 2)])
def test_two_where_we_may_use_two_cores(
    monkeypatch: pytest.MonkeyPatch, cores: int, processes: int
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(cores)))
    assert config.web_processes() == processes


def test_as_many_as_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "5")
    assert config.web_processes() == 5
    assert config.connections() == config.OTHER_CONNECTIONS + 5 * config.WEB_CONNECTIONS


@pytest.mark.parametrize(
    ("ours", "processes", "shares"),
    [
        ({0, 1}, 2, [{0}, {1}]),
        ({4, 6, 7}, 2, [{4, 7}, {6}]),
        ({0, 1, 2, 3}, 4, [{0}, {1}, {2}, {3}]),
        ({0, 1}, 3, [{0}, {1}, {0}]),
        ({3}, 2, [{3}, {3}]),
        ({0, 1}, 1, [{0, 1}]),
    ],
)
def test_cores_are_dealt_out(
    monkeypatch: pytest.MonkeyPatch, ours: set[int], processes: int, shares: list[set[int]]
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: ours)
    assert [cores.share(number, processes) for number in range(processes)] == shares


def test_a_process_keeps_to_its_cores_and_one_that_is_gone_is_no_trouble() -> None:
    share = frozenset([max(os.sched_getaffinity(0))])
    with subprocess.Popen(["sleep", "60"]) as process:
        cores.keep_to(process.pid, share)
        assert os.sched_getaffinity(process.pid) == share
        process.kill()
    cores.keep_to(process.pid, share)


@pytest.mark.parametrize("text", ["0", "33", "-1", "two", "1.5", "٢", " 2"])
def test_another_number_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(NAME, text)
    with pytest.raises(Invalid, match="whole number from 1 to 32") as refusal:
        config.web_processes()
    assert (refusal.value.code, refusal.value.field) == ("bad_setting", NAME)


def test_every_thread_of_the_web_has_its_connection() -> None:
    assert config.WEB_CONNECTIONS == front.THREADS + doors_together.THREADS


def test_the_doctor_counts_connections(booted: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    check = checks.DATABASE_CHECKS["connections"]
    monkeypatch.setenv(NAME, "2")
    assert check(booted) == "97 allowed, Kesto may need 64"
    monkeypatch.setenv(NAME, "32")
    with pytest.raises(checks.Problem, match="97 allowed, Kesto may need 424") as problem:
        check(booted)
    assert NAME in problem.value.remedy


def test_a_port_that_is_held_is_nobody_elses(port: int) -> None:
    for options in ((), (socket.SO_REUSEADDR,)):
        with pytest.raises(OSError, match="in use"):
            listener(port, *options)
    with pytest.raises(Conflict) as refusal, shared.opened(port, 2):
        pass
    assert (refusal.value.code, refusal.value.field) == ("port_taken", "KESTO_PORT")


def test_all_web_processes_listen_at_the_port_that_is_held(port: int) -> None:
    ours = (socket.SO_REUSEADDR, socket.SO_REUSEPORT)
    with closing(listener(port, *ours)), closing(listener(port, *ours)):
        socket.create_connection((shared.HOST, port)).close()


def test_who_is_handed_a_descriptor_hands_it_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with shared.opened(0, 2) as common:
        (counts,) = common.descriptors
        os.set_inheritable(counts, True)
        monkeypatch.setenv(shared.COUNTS, common.surroundings[shared.COUNTS])
        assert shared.handed(shared.COUNTS) == counts
        assert not os.get_inheritable(counts)
    monkeypatch.delenv(shared.COUNTS)
    assert shared.handed(shared.COUNTS) is None
