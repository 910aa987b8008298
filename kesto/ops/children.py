"""Background processes of `kesto up`: started, started again when they fall, stopped in order."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from kesto.ops import cores, gate
from kesto.ops.home import Home
from kesto.ops.logs import last_line, open_log
from kesto.ops.shared import Shared

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
MOST_DOUBLED = 10  # how often a pause is doubled at most
STEADY_SECONDS = 30.0  # one that ran this long starts again without a pause
STOP_SECONDS = 30.0


class Child:
    """One Python module run as a process of its own, kept running.

    It may be started before it can do its work: it is held at its gate until it is let in. `common`
    is what it shares with others, `words` what it is told by its command line, `kept_to` the cores
    that are its own, where not all are.
    """

    def __init__(
        self,
        place: Home,
        module: str,
        name: str,
        common: Shared | None = None,
        words: Sequence[str] = (),
        kept_to: frozenset[int] | None = None,
    ) -> None:
        self.name = name
        self._command = [sys.executable, "-m", module, *words]
        self._log = place.logs / f"{name}.log"
        self._surroundings = {**surroundings(place), **(common.surroundings if common else {})}
        self._handed_on = common.descriptors if common else ()
        self._kept_to = kept_to
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._is_let_in = False
        self.falls = 0  # how often in a row it ended soon after its start

    def keep(self) -> None:
        """Start it if it does not run; after a fall not before its pause is over."""
        now = time.monotonic()
        if self._process is not None:
            if self._process.poll() is None:
                return
            is_steady = now - self._started > STEADY_SECONDS
            self.falls = 0 if is_steady else self.falls + 1
            self._forget()
        if now - self._started > self._pause():
            self._started = now
            self._process = self._start()
            if self._kept_to is not None:
                cores.keep_to(self._process.pid, self._kept_to)

    def let_in(self) -> None:
        """Let it begin its work, now and whenever it is started again."""
        self._is_let_in = True
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def ask_to_stop(self) -> None:
        """Tell it to finish what it has in hand."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def wait_stopped(self, seconds: float = STOP_SECONDS) -> None:
        """Wait for its end, and end it after that time."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._forget()

    def last_words(self) -> str:
        """The last line of its log."""
        return last_line(self._log)

    def _forget(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    def _pause(self) -> float:
        if not self.falls:
            return 0
        doubled = FIRST_PAUSE_SECONDS * (1 << min(self.falls, MOST_DOUBLED))
        return min(doubled, LONGEST_PAUSE_SECONDS)

    def _start(self) -> subprocess.Popen[bytes]:
        ours = {"KESTO_PARENT": str(os.getpid())}
        if not self._is_let_in:
            ours[gate.HELD] = "1"
        with open_log(self._log) as log:
            return subprocess.Popen(  # noqa: S603 - our own module
                self._command,
                stdin=subprocess.DEVNULL if self._is_let_in else subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**self._surroundings, **ours},
                pass_fds=self._handed_on,
                start_new_session=True,  # ctrl-C is for `up`, which stops all in order
            )


def surroundings(place: Home) -> dict[str, str]:
    """The environment of a background process: this home, and no administrator's login."""
    found = {name: value for name, value in os.environ.items() if name != "KESTO_DATABASE_URL"}
    return {**found, "KESTO_HOME": str(place.path), "PYTHONUNBUFFERED": "1"}
