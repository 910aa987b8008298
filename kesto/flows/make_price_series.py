"""Make a price series: prices by the hour or quarter-hour that come in as they become known."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from msgspec import structs

from kesto.adapters.files import checks
from kesto.core.price_series import RESOLUTIONS, PriceSeries
from kesto.core.refusals import Conflict, Invalid
from kesto.store import audit, price_series
from kesto.store.session import writing


def make_price_series(merchant_id: UUID, series: PriceSeries, now: datetime, actor: str) -> None:
    """Make a series; what it is never changes.

    Raises Invalid naming the field, Conflict for a code that is taken.
    """
    _check(series)
    with writing(merchant_id) as session:
        if not price_series.add_series(session, series, now):
            detail = f"there is a price series {series.code!r} already; give another code"
            raise Conflict(detail, code="already_known", field="code", subject=series.code)
        audit.record(session, "make_price_series", structs.asdict(series), now, actor)


def _check(series: PriceSeries) -> None:
    if not series.name.strip():
        raise Invalid("is missing; say what the prices are of", code="missing", field="name")
    _checked("code", series.code, checks.code)
    for field in ("name", "unit"):
        _checked(field, getattr(series, field), lambda text: checks.words(checks.printable(text)))
    _checked("currency", series.currency, checks.currency)
    _checked("resolution", series.resolution, checks.choice(*RESOLUTIONS))


def _checked(field: str, text: str, check: Callable[[str], object]) -> None:
    try:
        check(text)
    except Invalid as invalid:
        raise Invalid(invalid.detail, code="bad_value", field=field) from None
