"""The files that the tidy rules read, and the shape of a rule."""

import ast
import io
import os
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

# Folders that no one commits: environments, caches, built files. Hidden ones but .ci are skipped.
UNCOMMITTED = {"__pycache__", "dist"}

# What Django wrote, kept as it wrote it.
GENERATED = {"kesto/store/migrations/0001_initial.py"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Finding(NamedTuple):
    """A line that breaks a rule, and what to write instead."""

    line: int
    message: str


@dataclass
class Source:
    """One file as text; Python is parsed once for all rules."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, Function)]

    @cached_property
    def comments(self) -> list[Finding]:
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [
            Finding(token.start[0], token.string)
            for token in tokens
            if token.type == tokenize.COMMENT
        ]


class Rule(NamedTuple):
    """A named check: where it looks, and what it finds there."""

    name: str
    applies: Callable[[str], bool]
    find: Callable[[Source], Iterator[Finding]]


def everywhere(path: str) -> bool:
    """Every file of the project."""
    return bool(path)


def python(path: str) -> bool:
    """Every Python file that a person wrote."""
    return path.endswith(".py") and path not in GENERATED


def product(path: str) -> bool:
    """Python of the product itself, without the tests that sit beside it."""
    return python(path) and path.startswith("kesto/") and not path.endswith("_test.py")


def inside(*folders: str, but: tuple[str, ...] = ()) -> Callable[[str], bool]:
    """The product's Python below any of the folders, less the paths that start with `but`."""

    def applies(path: str) -> bool:
        return product(path) and path.startswith(folders) and not (but and path.startswith(but))

    return applies


def dotted(node: ast.AST) -> str:
    """`a.b.c` as written in code, or the empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        start = dotted(node.value)
        return f"{start}.{node.attr}" if start else ""
    return ""


@cache
def sources() -> tuple[Source, ...]:
    """Every text file of the project."""
    return tuple(source for path in committed_paths() if (source := read(path)))


@cache
def committed_paths() -> tuple[Path, ...]:
    """Every file that belongs to the project, in a fixed order."""
    return tuple(sorted(walk()))


def walk() -> Iterator[Path]:
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if is_committed(name)]
        yield from (Path(folder, file) for file in files if not file.endswith(".pyc"))


def is_committed(folder: str) -> bool:
    return folder == ".ci" or not (folder.startswith(".") or folder in UNCOMMITTED)


def read(path: Path) -> Source | None:
    """The file as text; None for what is no text."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
    return Source(path.relative_to(ROOT).as_posix(), text)
