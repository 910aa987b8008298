"""Money: whole minor units of one currency, and the one door through which amounts are rounded."""

import re
from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from kesto.core.exact import Exact, point, round_ratio
from kesto.core.refusals import Conflict, Invalid

# ISO 4217, list one as of 2026-01-01, without metals, test codes and units of international bodies.
CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP
GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR
KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CODES_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
CODES_WITH_THREE = "BHD IQD JOD KWD LYD OMR TND"
CODES_WITH_FOUR = "CLF UYW"
DIGITS = (
    dict.fromkeys(CODES.split(), 2)
    | dict.fromkeys(CODES_WITHOUT_DECIMALS.split(), 0)
    | dict.fromkeys(CODES_WITH_THREE.split(), 3)
    | dict.fromkeys(CODES_WITH_FOUR.split(), 4)
)

LARGEST_MINOR = 2**63 - 1
AMOUNT = re.compile(r"(-?)([0-9]{1,19})(?:\.([0-9]+))?")


def digits(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217)."""
    found = DIGITS.get(currency)
    if found is None:
        raise Invalid(
            f"{currency!r} is not a currency; write its three letters of ISO 4217, such as EUR",
            code="unknown_currency",
            field="currency",
        )
    return found


def round_minor(exact: Exact, currency: str) -> int:
    """Round an exact amount in major units to whole minor units, half away from zero.

    The one rounding door: nothing else in Kesto turns an exact amount into money.
    """
    numerator, denominator = exact.as_integer_ratio()
    return round_ratio(numerator * 10 ** digits(currency), denominator)


def major(minor: int, currency: str) -> Decimal:
    """Return whole minor units as a decimal of major units."""
    return Decimal(format_minor(minor, currency))


def format_minor(minor: int, currency: str) -> str:
    """Write minor units as a plain decimal with the currency's own number of decimals."""
    return point(minor, digits(currency))


def parse_minor(text: str, currency: str) -> int:
    """Read a plain decimal of major units; more decimals than the currency has are refused."""
    match = AMOUNT.fullmatch(text)
    if match is None:
        raise Invalid(
            f"{text!r} is not an amount; write digits with a point, such as 12.50",
            code="bad_amount",
            field="amount",
        )
    places = digits(currency)
    sign, whole, decimals = match.group(1), match.group(2), match.group(3) or ""
    if len(decimals) > places:
        raise Invalid(
            f"{text!r} has more decimals than {currency} has ({places})",
            code="too_many_decimals",
            field="amount",
        )
    minor = int(whole + decimals.ljust(places, "0"))
    if minor > LARGEST_MINOR:
        raise Invalid(f"{text!r} is more money than can be kept", code="too_large", field="amount")
    return -minor if sign else minor


def allocate(minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights so that the parts add up to it.

    Every part is rounded down; the units left over go to the largest remainders, ties to the
    earlier part. A negative amount is split like its mirror image.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise Invalid(
            "an amount is split by weights that are not negative and not all zero",
            code="bad_weights",
            field="weights",
        )
    if minor < 0:
        return [-part for part in allocate(-minor, weights)]
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(minor * weight, whole)
        parts.append(part)
        remainders.append(remainder)
    left = minor - sum(parts)
    if left:
        by_remainder = sorted(range(len(parts)), key=lambda index: -remainders[index])
        for index in by_remainder[:left]:
            parts[index] += 1
    return parts


class Money(Struct, frozen=True, gc=False):
    """An amount of one currency in whole minor units."""

    minor: int
    currency: str

    @classmethod
    def rounded(cls, exact_major: Exact, currency: str) -> "Money":
        """Round an exact amount in major units."""
        return cls(round_minor(exact_major, currency), currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + _same(self, other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - _same(self, other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < _same(self, other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= _same(self, other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > _same(self, other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= _same(self, other)

    def __str__(self) -> str:
        return format_minor(self.minor, self.currency)


def _same(one: Money, other: Money) -> int:
    if one.currency != other.currency:
        raise Conflict(
            f"{one.currency} and {other.currency} can't be added or compared",
            code="mixed_currencies",
            field="currency",
        )
    return other.minor
