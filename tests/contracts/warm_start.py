"""Runs `kesto` again and again without starting Python anew: each command is a fork of this one.

A line of JSON on stdin is a command: its words, folder, surroundings, and the files that stand for
its terminal. The answer is a line with its exit status.
"""

import json
import os
import sys
from typing import Any, NoReturn

from kesto.ops import cli


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer


def run(command: dict[str, Any]) -> NoReturn:
    """Be the command, from its first word to its exit status."""
    for number, path in enumerate(command["terminal"]):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(path, flags, 0o600), number)
    os.chdir(command["folder"])
    os.environ.clear()
    os.environ.update(command["surroundings"])
    sys.argv = ["kesto", *command["words"]]
    status: object = 0
    try:
        cli.main()
    except SystemExit as ended:
        status = ended.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


if __name__ == "__main__":
    main()
