"""Numbers, sums and dates in the form of a language.

Numbers hold no-break spaces, so that a sum never breaks over two lines, and the real minus sign.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from kesto.core.money import digits, major

MINUS, NO_BREAK, DASH = "\u2212", "\u00a0", "\u2013"
SYMBOLS = {"EUR": "€"}

# What a person reads of an exact amount; more is cut and said to be about that much.
_SHOWN = Decimal("0.000001")
_POINTS = {"fi": ",", "sv": ",", "en": "."}
_THOUSANDS = {"fi": NO_BREAK, "sv": NO_BREAK, "en": ","}
_PERCENT = {"fi": NO_BREAK + "%", "sv": NO_BREAK + "%", "en": "%"}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def number(value: Decimal, language: str, least_places: int = 0) -> str:
    """Return a number with at least so many decimals: "1 234,5" or "1,234.5"."""
    whole, _, decimals = f"{abs(value):f}".partition(".")
    decimals = decimals.rstrip("0").ljust(least_places, "0")
    grouped = f"{int(whole):,}".replace(",", _THOUSANDS[language])
    sign = MINUS if value < 0 else ""
    return f"{sign}{grouped}{_POINTS[language] + decimals if decimals else ''}"


def measure(value: Decimal, unit: str, language: str) -> str:
    """Return a quantity with its unit: "24,5 GB"; without a unit it is a bare number."""
    written = number(value, language)
    return f"{written}{NO_BREAK}{unit.replace(' ', NO_BREAK)}" if unit else written


def amount(minor: int, currency: str, language: str) -> str:
    """Return a sum with its currency: "1 234,50 €" or "€1,234.50"."""
    return _with_currency(
        number(major(minor, currency), language, digits(currency)), currency, language
    )


def whole_amount(minor: int, currency: str, language: str) -> str:
    """Return a sum to the nearest whole unit, halves away from zero: "1 235 €" or "€1,235"."""
    unit: int = 10 ** digits(currency)
    units = (abs(minor) * 2 + unit) // (2 * unit)
    return _with_currency(
        number(Decimal(-units if minor < 0 else units), language), currency, language
    )


def change(minor: int, currency: str, language: str) -> str:
    """Return by how much a sum changed, with its sign: "+4,82 €" or "−€0.39"."""
    written = amount(minor, currency, language)
    return written if minor < 0 else f"+{written}"


def figure(minor: int, currency: str, language: str) -> str:
    """Return a sum without its currency, for a column whose head names it."""
    return number(major(minor, currency), language, digits(currency))


def exact_amount(value: Decimal, currency: str, language: str) -> str:
    """Return an amount that may have more decimals than its currency, such as a unit's price."""
    shown = value.quantize(_SHOWN, ROUND_HALF_UP)
    about = "" if shown == value else "≈" + NO_BREAK
    return about + _with_currency(number(shown, language, digits(currency)), currency, language)


def exact_figure(value: Decimal, currency: str, language: str) -> str:
    """Return an amount of more decimals without its currency."""
    shown = value.quantize(_SHOWN, ROUND_HALF_UP)
    about = "" if shown == value else "≈" + NO_BREAK
    return about + number(shown, language, digits(currency))


def percent(value: Decimal, language: str) -> str:
    """Return a percentage: "25,5 %" or "25.5%"."""
    return number(value, language) + _PERCENT[language]


def day(on: date, language: str) -> str:
    """Return a date: "1.11.2026" (fi, and sv as written in Finland) or "1 November 2026" (en)."""
    return f"{_month_day(on, language)}{' ' if language == 'en' else ''}{on.year}"


def moment(at: datetime, language: str) -> str:
    """Return a day and a time in the zone that it has: "5.11.2026 2:00"."""
    return f"{day(at.date(), language)}{NO_BREAK}{at.hour}:{at.minute:02}"


def period(start: date, end: date, language: str) -> str:
    """Return a half-open period by its first and last day, without saying a month or year twice."""
    last = end - timedelta(days=1)
    if last <= start:
        return day(start, language)
    if start.year != last.year:
        first, gap = day(start, language), f" {DASH} "
    elif start.month != last.month:
        first, gap = _month_day(start, language), f" {DASH} " if language == "en" else DASH
    else:
        first, gap = f"{start.day}{'' if language == 'en' else '.'}", DASH
    return f"{first}{gap}{day(last, language)}"


def iban(account: str) -> str:
    """Return an account number in groups of four."""
    return " ".join(account[at : at + 4] for at in range(0, len(account), 4))


def _month_day(on: date, language: str) -> str:
    return f"{on.day} {_MONTHS[on.month - 1]}" if language == "en" else f"{on.day}.{on.month}."


def _with_currency(written: str, currency: str, language: str) -> str:
    """Put the currency where the language has it; English has it first, after the sign."""
    symbol = SYMBOLS.get(currency, currency)
    if language != "en":
        return f"{written}{NO_BREAK}{symbol}"
    sign = MINUS if written.startswith(MINUS) else ""
    gap = "" if currency in SYMBOLS else NO_BREAK
    return f"{sign}{symbol}{gap}{written.removeprefix(MINUS)}"
