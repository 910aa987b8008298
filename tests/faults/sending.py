"""The process of the senders, from outside."""

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tests.faults.actor import ROOT
from tests.faults.senders import Heard, Plan

AHEAD_SECONDS = 2.0
PATIENCE_SECONDS = 300.0


class Sending:
    """Senders at work; they are ended with the block."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.plan = plan
        self._path = folder / "senders.plan"
        self._path.write_bytes(msgspec.json.encode(plan))
        words = [sys.executable, "-m", "tests.faults.senders", str(self._path)]
        self._process = subprocess.Popen(words, cwd=ROOT)
        self._ends = plan.starts + plan.seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()

    def wait_for(self, share: float) -> None:
        """Wait until so much of the time is over."""
        time.sleep(max(self.plan.starts + share * self.plan.seconds - time.monotonic(), 0))

    def make_no_more(self) -> None:
        """End the time early."""
        self._ends = time.monotonic()
        self._process.terminate()

    def heard(self) -> Heard:
        """Wait for the end; answers what was heard."""
        left = max(self._ends - time.monotonic(), 0)
        assert self._process.wait(left + PATIENCE_SECONDS) == 0
        return msgspec.json.decode(self._path.with_suffix(".heard").read_bytes(), type=Heard)
