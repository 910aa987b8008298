"""What schemathesis loads beside itself: each request has a key of its own.

It would send one key again and again, and be told `key_reused` instead of being answered.
"""

from uuid import uuid4

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.parameters import ParameterLocation

KEY = "Idempotency-Key"


@schemathesis.hook  # type: ignore[untyped-decorator]  # it is installed by `make fuzz` only
def before_call(context: HookContext, case: Case, kwargs: object) -> None:  # noqa: ARG001 - called by these names
    """Put a fresh key in the place of one, unless wrong headers are what is tried."""
    tries_headers = case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER)
    if KEY in case.headers and not tries_headers:
        case.headers[KEY] = uuid4().hex
