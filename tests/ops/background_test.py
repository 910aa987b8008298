"""What can wait gives way, and so does the database's process that works for it."""

import multiprocessing
from pathlib import Path

import psutil
import pytest
from django.db import connections

from kesto.ops import background, boot
from kesto.ops.home import Home


def give_way(path: Path, database_name: str, answers: "multiprocessing.Queue[int]") -> None:
    """Be a process that gives way: tell how nice it is, and its backend."""
    background.give_way()
    boot.boot(Home(path), ("run",), database_name)
    connections["run"].ensure_connection()
    backend = connections["run"].connection.info.backend_pid
    answers.put(psutil.Process().nice())
    answers.put(psutil.Process(backend).nice())


@pytest.mark.usefixtures("backends_may_be_changed")
def test_a_run_and_its_backend_give_way(booted: Home, database_name: str) -> None:
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=give_way, args=(booted.path, database_name, answers))
    with connections["default"].cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (own,) = cursor.fetchone()
    before = psutil.Process(own).nice()
    process.start()
    nice = [answers.get(timeout=60) for _ in range(2)]
    process.join(60)
    assert nice == [background.GIVES_WAY, background.GIVES_WAY]
    assert psutil.Process(own).nice() == before, "whoever is waited for is left as it was"
