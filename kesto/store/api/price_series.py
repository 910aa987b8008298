"""Price series as the API lists and finds them."""

from collections.abc import Mapping

from kesto.core.price_series import PriceSeries
from kesto.store.api.listing import Window, id_of, listed
from kesto.store.price_series import COLUMNS
from kesto.store.session import Session


def series_listed(
    session: Session, wanted: Mapping[str, object], window: Window
) -> list[PriceSeries]:
    """Price series in a list."""
    query = f"select {COLUMNS} from price_series s"
    return [PriceSeries(*row) for row in listed(session, query, wanted, window, "s.id")]


def by_name(session: Session, text: str) -> PriceSeries:
    """A price series by its id or its code. Raises NotFound."""
    own = id_of(session, "price_series", text)
    return series_listed(session, {"id": own}, Window(1))[0]
