"""A value that is computed from an event: sums, differences, products and shares of its numbers.

    value * 1.5
    properties.bytes_in + properties.bytes_out
    (properties.end - properties.start) / 3600

Numbers are exact. What is divided by is a number that leaves a decimal of finite length, such as
1000 or 1024; by 3600 it is divided only where the outcome has at most 30 places. There are no
functions and no names but those of the event.
"""

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache

from kesto.core.metering.event import MOST_PLACES, TOO_LARGE, Event, Problem, number_of, value_of
from kesto.core.refusals import Invalid

LONGEST = 200
DEEPEST = 20
TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]+)?)|([A-Za-z_][\w.]*)|([-+*/()]))")
PROPERTY = "properties."

Read = Callable[[Event], Fraction | Problem]
"""What a part of an expression makes of an event."""


def value_by(text: str, event: Event) -> Fraction | Problem:
    """The value of an expression for an event, or what is wrong with it."""
    found = expression(text)(event)
    if isinstance(found, Problem):
        return found
    if abs(found) >= TOO_LARGE or found * 10**MOST_PLACES % 1:
        detail = f"{text} has more than 15 digits before or {MOST_PLACES} after the point"
        return Problem("bad_value", detail)
    return found


@lru_cache(maxsize=512)
def expression(text: str) -> Read:
    """Understand an expression. Raises Invalid, saying what is wrong and where."""
    if len(text) > LONGEST:
        raise _wrong(f"has more than {LONGEST} characters")
    parser = _Parser(list(_tokens(text)))
    read = parser.sum(0)
    if parser.next:
        raise _wrong(f"can't be read from {parser.next!r} on")
    return read


def properties_in(text: str) -> tuple[str, ...]:
    """The properties that an expression reads, in their order."""
    named = [word for word in _tokens(text) if word.startswith(PROPERTY)]
    return tuple(dict.fromkeys(word.removeprefix(PROPERTY) for word in named))


def _tokens(text: str) -> Iterator[str]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = TOKEN.match(text, at)
        if found is None:
            raise _wrong(f"can't be read from {text[at:].strip()[:20]!r} on")
        yield found.group().strip()
        at = found.end()


class _Parser:
    """Reads tokens: products before sums, brackets before both."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        word = self.next
        self.at += 1
        return word

    def sum(self, depth: int) -> Read:
        read = self.product(depth)
        while self.next and self.next in "+-":
            is_sum = self.take() == "+"
            read = _joined(read, self.product(depth), _add if is_sum else _subtract)
        return read

    def product(self, depth: int) -> Read:
        read = self.part(depth)
        while self.next and self.next in "*/":
            if self.take() == "*":
                read = _joined(read, self.part(depth), _multiply)
            else:
                read = _joined(read, _constant(1 / self.divisor()), _multiply)
        return read

    def part(self, depth: int) -> Read:
        if depth > DEEPEST:
            raise _wrong(f"has more than {DEEPEST} brackets inside each other")
        word = self.take()
        if word == "(":
            read = self.sum(depth + 1)
            if self.take() != ")":
                raise _wrong("has a bracket that is not closed")
            return read
        if word == "-":
            return _joined(_constant(Fraction(-1)), self.part(depth + 1), _multiply)
        if word[:1].isdigit():
            return _constant(Fraction(word))
        if word == "value":
            return _field(None)
        if word.startswith(PROPERTY) and len(word) > len(PROPERTY):
            return _field(word.removeprefix(PROPERTY))
        if word and (word[0].isalpha() or word[0] == "_"):
            raise _wrong(f"knows no {word!r}; write value, or properties.NAME")
        raise _wrong(f"wants a number, value or properties.NAME where {word or 'it ends'!r} stands")

    def divisor(self) -> Fraction:
        word = self.take()
        if not word[:1].isdigit():
            raise _wrong("divides by a number only, such as 1024")
        number = Fraction(word)
        if not number:
            raise _wrong("divides by zero")
        return number


def _constant(number: Fraction) -> Read:
    return lambda _event: number


def _field(name: str | None) -> Read:
    def read(event: Event) -> Fraction | Problem:
        called, value = value_of(event, name)
        if value is None:
            return Problem("missing", f"{called} is missing")
        number = number_of(value)
        if isinstance(number, Problem):
            return Problem(number.code, f"{called} {number.detail}")
        return number

    return read


def _joined(one: Read, other: Read, how: Callable[[Fraction, Fraction], Fraction]) -> Read:
    def read(event: Event) -> Fraction | Problem:
        first, second = one(event), other(event)
        if isinstance(first, Problem):
            return first
        return second if isinstance(second, Problem) else how(first, second)

    return read


def _add(one: Fraction, other: Fraction) -> Fraction:
    return one + other


def _subtract(one: Fraction, other: Fraction) -> Fraction:
    return one - other


def _multiply(one: Fraction, other: Fraction) -> Fraction:
    return one * other


def _wrong(detail: str) -> Invalid:
    return Invalid(detail, code="bad_expression", field="expression")
