"""Kills in the middle of delivery: nothing is lost, nothing comes twice, nobody is left unsure."""

import csv
import subprocess
import time
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from kesto.demo import mailbox as boxes
from kesto.flows import bill
from kesto.ops.home import Home
from kesto.store.session import reading
from tests.faults import postman
from tests.faults.actor import DIED
from tests.faults.village import FIRST_DAY, morning, settled

FEW = 40


class Round:
    """A village whose invoices wait in the outbox, with a mailbox."""

    def __init__(self, place: Home, database: str, folder: Path, port: int) -> None:
        self.where = (place, database)
        self.folder, self.port = folder, port
        self.merchant_id: UUID = settled(FEW)
        now: datetime = morning(FIRST_DAY)
        bill.bill(self.merchant_id, FIRST_DAY, now)
        self.invoices = len(self.rows("select id from invoice"))

    def go(self, *, crash_at: str = "", hours: int = 0, mutant: str = "") -> int:
        """Let a process deliver; answers how it ended."""
        return self.start(crash_at=crash_at, hours=hours, mutant=mutant).wait(300)

    def start(self, **words: object) -> "subprocess.Popen[bytes]":
        where = (*self.where, self.merchant_id, self.folder, self.port)
        return postman.start(*where, **words)  # type: ignore[arg-type]  # as `go` names them

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with reading(self.merchant_id) as session:
            return session.rows(query)

    def states(self, channel: str) -> dict[str, str]:
        """The state of each message of a channel by its id."""
        found = self.rows("select id, state, channel from message")
        return {str(own).replace("-", ""): str(state) for own, state, by in found if by == channel}

    def received(self) -> list[str]:
        """The ids of what the mailbox received, each as often as it came."""
        files = (self.folder / "new").glob("*.eml")
        return [path.name.partition("@")[0] for path in files]

    def check(self) -> int:
        """Everything that must hold in the end; answers of how many messages nobody knows."""
        mails, letters = self.states("email"), self.states("letter")
        assert self.rows("select topic from outbox") == []
        assert len(mails) + len(letters) == self.invoices
        assert len(self.states("portal")) == self.invoices
        came = self.received()
        assert len(set(came)) == len(came), "a message came twice"
        assert set(mails.values()) <= {"sent", "unknown"}
        sent = {own for own, state in mails.items() if state == "sent"}
        assert sent <= set(came), "a message is noted as sent and never came"
        assert set(came) <= set(mails)
        assert set(letters.values()) == {"sent"}
        assert len(self.listed()) == len(letters)
        return len(mails) - len(sent)

    def listed(self) -> set[str]:
        """The documents on the list of letters."""
        (path,) = self.folder.glob("letters/*/*.csv")
        lines = path.read_text("utf-8-sig").splitlines()
        return {row["document"] for row in csv.DictReader(lines, delimiter=";")}


@pytest.mark.parametrize("point", postman.POINTS)
def test_a_delivery_that_dies_is_finished_by_another(
    booted: Home, database_name: str, tmp_path: Path, point: str
) -> None:
    with postman.mailbox(tmp_path) as port:
        village = Round(booted, database_name, tmp_path, port)
        assert village.go(crash_at=point) == DIED
        assert village.go(hours=1) == 0
        assert village.check() == (1 if ".mail" in point else 0)


def test_killed_again_and_again_two_at_a_time(
    booted: Home, database_name: str, tmp_path: Path
) -> None:
    with postman.mailbox(tmp_path) as port:
        village = Round(booted, database_name, tmp_path, port)
        kills = 0
        for hours in range(4):
            before = boxes.count(tmp_path).received
            both = [village.start(hours=hours) for _ in range(2)]
            deadline = time.monotonic() + 60
            while boxes.count(tmp_path).received < before + 3 and time.monotonic() < deadline:
                if all(one.poll() is not None for one in both):
                    break
                time.sleep(0.005)
            for one in both:
                kills += one.poll() is None
                one.kill()
                one.wait(30)
        assert village.go(hours=5) == 0
        assert kills > 0
        assert village.check() <= kills


def test_a_delivery_that_sends_again_is_found_out(
    booted: Home, database_name: str, tmp_path: Path
) -> None:
    with postman.mailbox(tmp_path) as port:
        village = Round(booted, database_name, tmp_path, port)
        assert village.go(crash_at="deliver.mail_sent") == DIED
        assert village.go(hours=1, mutant="sends_again") == 0
        assert boxes.count(tmp_path).doubles == 1
        with pytest.raises(AssertionError, match="a message came twice"):
            village.check()
