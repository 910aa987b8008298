"""A merchant as flows need it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

Mode = Literal["live", "test"]


class Merchant(Struct, frozen=True):
    """A seller; `clock_at` is a test merchant's own clock (None: the real one).

    What falls due is invoiced `grace_days` later; until then it is a draft.
    """

    id: UUID
    code: str
    name: str
    mode: Mode
    clock_at: datetime | None
    closed_through: date | None
    invoice_limit_minor: int
    grace_days: int = 0
