"""What an operator may set by environment, read and checked in one place."""

import os

from kesto.core.refusals import Invalid

LAST_PORT = 65_535


def web_port() -> int:
    """The port of the web server: KESTO_PORT, else 8000."""
    return whole_number("KESTO_PORT", 8000, 1, LAST_PORT)


def workers() -> int:
    """How many worker processes: KESTO_WORKERS, else one."""
    return whole_number("KESTO_WORKERS", 1, 1, 64)


def whole_number(name: str, usual: int, least: int, most: int) -> int:
    """Read a whole number from the environment; refuse what is none, or out of bounds."""
    text = os.environ.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise Invalid(
            f"{name} is {text!r}: give a whole number from {least} to {most}",
            code="bad_setting",
            field=name,
        )
    return int(text)
