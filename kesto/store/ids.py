"""Identifiers: uuidv7, rising from millisecond to millisecond; the one source of randomness."""

import os
import secrets
import time
from itertools import count
from uuid import UUID, SafeUUID


def new_id() -> UUID:
    """One new identifier."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[UUID]:
    """Fresh uuidv7 identifiers in rising order: 48 bits of time, then a counter on random bits."""
    milliseconds = time.time_ns() // 1_000_000
    start = int.from_bytes(os.urandom(9), "big") & ((1 << 71) - 1)
    head = milliseconds << 80 | 0x7 << 76
    found = []
    for low in range(start, start + count):
        high = low >> 62 & 0xFFF
        found.append(_uuid(head | high << 64 | 0b10 << 62 | low & ((1 << 62) - 1)))
    return found


def _uuid(number: int) -> UUID:
    """What `UUID(int=number)` makes, without asking first which of its six forms was given."""
    made = object.__new__(UUID)
    _set(made, "int", number)
    _set(made, "is_safe", SafeUUID.unknown)
    return made


_set = object.__setattr__  # a UUID refuses its own


def new_request_id() -> str:
    """What a request is called in its answer and in the log: a count, set apart by the process."""
    return f"req_{_process}{next(_requests):016x}"


def new_token() -> str:
    """A secret of 256 bits, as it stands in a link."""
    return secrets.token_urlsafe(32)


def new_key_secret() -> str:
    """A secret of 256 bits, as it stands in a key of the API: one word, easy to select."""
    return secrets.token_hex(32)


_process = new_id().hex[16:]
_requests = count(1)
