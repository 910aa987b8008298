"""Work that can wait gives way: whoever asks over the web is answered first.

A billing run takes all the cores there are. Beside it customers look at their bills and systems
send usage, and both the web processes and the database's work for them come first: the system
gives a run what they leave over.
"""

import psutil

from kesto.ops import backends

GIVES_WAY = 10
"""How nice it is, as the system counts: a tenth of what others get where both want one core."""


def give_way() -> None:
    """Let this process, and the database's processes that work for it, come after all others.

    Where that may not be changed, a run is as important as everybody else.
    """
    _be_nice(psutil.Process())
    backends.each_new(_be_nice)


def _be_nice(process: psutil.Process) -> None:
    if process.nice() < GIVES_WAY:
        process.nice(GIVES_WAY)
