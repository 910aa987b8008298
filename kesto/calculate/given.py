"""Values as the calculator takes them: instants, days, shares and money read from fields."""

import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from kesto.core.calendar import known_zone, local_date, midnight
from kesto.core.exact import WHOLE, fraction
from kesto.core.fields import DECIMAL, Fields
from kesto.core.money import digits, round_minor

INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.+")
MOST_ROWS = 10_000

Answer = dict[str, object]


def given_currency(fields: Fields) -> str:
    """Read the currency."""
    currency = fields.text("currency")
    digits(currency)
    return currency


def given_zone(fields: Fields) -> str:
    """Read the time zone, UTC unless said otherwise."""
    zone = fields.text("zone", "UTC")
    known_zone(zone)
    return zone


def given_day(fields: Fields, name: str, zone: str) -> date:
    """Read a date, or an instant as the date that it is in the zone."""
    instant = _instant(fields, name)
    return fields.date(name) if instant is None else local_date(instant, zone)


def given_instant(fields: Fields, name: str, zone: str) -> datetime:
    """Read an instant, or a date as its midnight in the zone."""
    instant = _instant(fields, name)
    return midnight(fields.date(name), zone) if instant is None else instant


def given_share(fields: Fields, name: str) -> Fraction | None:
    """Read a share: a fraction of two decimals, such as 15/31 or 2.5/4, or a decimal."""
    if not fields.has(name):
        return None
    text = fields.require(name)
    used, _, of = text.partition("/") if isinstance(text, str) else (str(text), "", "")
    of = of or "1"
    is_fraction = bool(DECIMAL.fullmatch(used) and DECIMAL.fullmatch(of))
    if not is_fraction or isinstance(text, bool) or Decimal(of) <= 0:
        fields.refuse("bad_share", name, 'must be a fraction such as "15/31", or a decimal')
    share = fraction(Decimal(used)) / fraction(Decimal(of))
    if not 0 <= share <= WHOLE:
        fields.refuse("bad_share", name, "must be from 0 to 1")
    return share


def given_minor(fields: Fields, name: str, currency: str) -> int:
    """Read money that is settled already: no more decimals than the currency has; 0 if absent."""
    amount = fields.decimal(name, Decimal(0))
    minor = round_minor(amount, currency)
    if fraction(amount) * 10 ** digits(currency) != minor:
        places = digits(currency)
        fields.refuse("too_many_decimals", name, f"has more decimals than {currency} ({places})")
    return minor


def _instant(fields: Fields, name: str) -> datetime | None:
    text = fields.require(name)
    if not isinstance(text, str) or INSTANT.fullmatch(text) is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        fields.refuse("bad_instant", name, "must be an instant, such as 2026-03-01T10:00:00Z")
    if instant.tzinfo is None:
        fields.refuse("bad_instant", name, "needs its distance from UTC: end it with Z or +02:00")
    return instant
