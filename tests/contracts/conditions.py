"""A query that must return no row, taken apart: each condition in it that makes a row, by itself.

An invariant's query is a union of selects, each with conditions joined by `or`. A condition that
never made a row in any test may be wrong, so each is asked alone.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

COMMENT = re.compile(r"--[^\n]*")
TOKEN = re.compile(r"--[^\n]*|'[^']*'|\w+|\S")


class Token(NamedTuple):
    """A word or sign of a query, how deep in brackets it is, and where it stands."""

    word: str
    depth: int
    start: int
    end: int


class Condition(NamedTuple):
    """A query with one condition left of those that are alternatives, and that condition."""

    query: str
    text: str


def conditions(query: str) -> list[Condition]:
    """The query once for each condition, with that one alone."""
    head, last = _split_head(query)
    return [
        Condition(head + arm, text)
        for select in _split(last, ("union", "all"))
        for arm, text in _arms(select)
    ]


def _tokens(text: str) -> Iterator[Token]:
    """The words of a query; what stands between `case` and `end` is deeper, too."""
    depth = 0
    for match in TOKEN.finditer(text):
        word = match.group().lower()
        if word.startswith("--"):
            continue
        if word in {")", "end"}:
            depth -= 1
        yield Token(word, depth, match.start(), match.end())
        if word in {"(", "case"}:
            depth += 1


def _split_head(query: str) -> tuple[str, str]:
    """The tables that a query names before its selects, and the selects."""
    first = next(token for token in _tokens(query) if token.word == "select" and not token.depth)
    return query[: first.start], query[first.start :]


def _split(text: str, words: Sequence[str]) -> list[str]:
    """Cut a text where words stand outside of brackets; the `and` of a `between` cuts nothing."""
    outer = [token for token in _tokens(text) if not token.depth]
    found, start, is_between = [], 0, False
    for place, token in enumerate(outer):
        is_between = is_between or token.word == "between"
        if [one.word for one in outer[place : place + len(words)]] != list(words):
            continue
        if is_between and words[0] == "and":
            is_between = False
            continue
        found.append(text[start : token.start])
        start = outer[place + len(words) - 1].end
    return [*found, text[start:]]


def _arms(select: str) -> Iterator[tuple[str, str]]:
    """A select with each of the conditions of its `where` and its `having` by itself."""
    edges = [
        token
        for token in _tokens(select)
        if not token.depth and token.word in {"where", "group", "having"}
    ]
    ends = [token.start for token in edges[1:]] + [len(select)] * bool(edges)
    found = []
    for token, end in zip(edges, ends, strict=True):
        if token.word == "group":
            continue
        alone = list(_alternatives(select[token.end : end]))
        if len(alone) > 1 or token.word == "having":
            found += [
                (f"{select[: token.end]} {one} {select[end:]}", f"{token.word} {shown}")
                for one, shown in alone
            ]
    if found:
        yield from found
    else:
        yield select, " ".join(select.split())


def _alternatives(text: str) -> Iterator[tuple[str, str]]:
    """A condition with one of its alternatives at a time, and that alternative for reading."""
    inner = text.strip()
    if (operands := _split(inner, ("or",)))[1:]:
        for operand in operands:
            yield from _alternatives(operand)
        return
    operands = _split(inner, ("and",))
    choices = [list(_alternatives(one)) if len(operands) > 1 else [] for one in operands]
    if any(len(one) > 1 for one in choices):
        for place, own in enumerate(choices):
            for one, shown in own if len(own) > 1 else ():
                yield " and ".join([*operands[:place], one, *operands[place + 1 :]]), shown
        return
    if _is_bracketed(inner) and len(alone := list(_alternatives(inner[1:-1]))) > 1:
        for one, shown in alone:
            yield f"({one})", shown
        return
    yield text, " ".join(COMMENT.sub("", inner).split())


def _is_bracketed(text: str) -> bool:
    outer = [token for token in _tokens(text) if not token.depth]
    return [one.word for one in outer] == ["(", ")"]
