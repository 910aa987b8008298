"""How a problem is described, and which statuses a route may answer besides its own."""

from typing import Any

from kesto.api.schema import Schema


class Fault(Schema):
    """A problem by RFC 9457; `code` is stable and for programs."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    field: str = ""


FAULTS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 413, 422, 429), Fault)
READS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 429), Fault)
WRITES: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429), Fault)
