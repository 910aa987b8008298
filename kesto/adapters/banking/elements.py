"""Reading the elements of an ISO 20022 message by local name, each fault told with its line."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache

from lxml import etree

from kesto.core.money import parse_minor
from kesto.core.refusals import Invalid

MOST_MINOR = 10**15  # more than any account has, and far below what the books can hold
_FLAGS = {"": False, "false": False, "0": False, "true": True, "1": True}


def child(element: etree._Element, path: str) -> etree._Element | None:
    """Return the first element at a path of local names such as "Acct/Id/IBAN"."""
    return element.find(_any_namespace(path))


def children(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """Return all elements at a path of local names."""
    return element.iterfind(_any_namespace(path))


def text(element: etree._Element, *paths: str) -> str:
    """Return the text at the first path that has any, without white space around it."""
    for path in paths:
        value = element.findtext(_any_namespace(path))
        if value and (stripped := value.strip()):
            return stripped
    return ""


def texts(element: etree._Element, path: str) -> tuple[str, ...]:
    """Return the texts at a path that are not empty."""
    values = ((found.text or "").strip() for found in children(element, path))
    return tuple(value for value in values if value)


def amount(element: etree._Element | None, within: etree._Element) -> tuple[int, str]:
    """Return an amount element as minor units and currency; an amount is never negative."""
    if element is None:
        raise wrong(within, "has no amount (Amt)")
    currency, written = (element.get("Ccy") or "").strip(), (element.text or "").strip()
    if "." in written:  # banks may fill up with zeros: 8.850 EUR is 8.85
        written = written.rstrip("0").rstrip(".")
    try:
        minor = parse_minor(written, currency)
    except Invalid as refused:
        raise wrong(element, f"is no amount: {refused.detail}") from refused
    if not 0 <= minor <= MOST_MINOR:
        raise wrong(element, f"is no amount: {written} {currency} is out of range")
    return minor, currency


def flag(element: etree._Element, path: str) -> bool:
    """Return a true-or-false element, false when it is not there."""
    value = text(element, path)
    if value not in _FLAGS:
        raise wrong(element, f"has {path} {value!r}; it must be true or false")
    return _FLAGS[value]


def day(element: etree._Element, *paths: str) -> date | None:
    """Return the first day given, as a date or as an instant, which means the bank's local day."""
    written = text(element, *paths)
    if not written:
        return None
    try:
        return datetime.fromisoformat(written).date()
    except ValueError as error:
        raise wrong(element, f"has {paths[0]} {written!r}; it must be a date") from error


def instant(element: etree._Element, path: str) -> datetime | None:
    """Return an instant; without a zone it is taken as UTC."""
    written = text(element, path)
    if not written:
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise wrong(element, f"has {path} {written!r}; it must be a time") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def wrong(element: etree._Element, fault: str) -> Invalid:
    """Return the refusal of a file for a fault in one element, with its line and its place."""
    places = [element, *element.iterancestors()]
    place = "/".join(etree.QName(found).localname for found in reversed(places))
    return Invalid(
        f"Line {element.sourceline}: {etree.QName(element).localname} {fault}",
        code="bank_file_wrong",
        field=place,
    )


@cache
def _any_namespace(path: str) -> str:
    return "/".join("{*}" + name for name in path.split("/"))
