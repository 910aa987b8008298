"""Dependencies are declared, locked and hashed.

requirements.lock is complete; it and the locks of heavy tools have a hash for every file, and don't
say where files come from.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import pairwise

from tests.tidy.sources import ROOT, Source, product, sources

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKS = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("requirements*.lock"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

PACKAGE = re.compile(r"^(?P<name>[a-z0-9][a-z0-9\-]*)==[\w.!+]+( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
COMMENT = re.compile(r"^    #")


def test_every_line_is_a_package_a_hash_or_a_remark() -> None:
    assert [strange_lines(lock) for lock in LOCKS] == [[] for _ in LOCKS]


def test_a_planted_line_is_found() -> None:
    assert strange_lines("django==5.2.19\n--index-url https://example.com\n") == [
        "django==5.2.19",
        "--index-url https://example.com",
    ]


def strange_lines(lock: str) -> list[str]:
    shapes = (PACKAGE, HASH, COMMENT)
    return [line for line in lock.splitlines() if not any(shape.match(line) for shape in shapes)]


def test_every_package_has_a_hash() -> None:
    for lock in LOCKS:
        bare = [line for line, below in pairwise(lock.splitlines()) if is_bare(line, below)]
        assert bare == []


def is_bare(line: str, below: str) -> bool:
    return bool(PACKAGE.match(line)) and not HASH.match(below)


def test_every_dependency_is_locked() -> None:
    locked = {match["name"] for line in LOCK.splitlines() if (match := PACKAGE.match(line))}
    wanted = names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])
    assert wanted - locked == set(), "make the lock anew; CONTRIBUTING.md has the command"


def test_every_import_of_the_product_is_a_declared_dependency() -> None:
    declared = names(PROJECT["dependencies"])
    providers = packages_distributions()
    imported = {name for source in sources() if product(source.path) for name in imports(source)}
    foreign = imported - sys.stdlib_module_names - {"kesto"}
    undeclared = {
        name
        for name in foreign
        if not declared & {plain(package) for package in providers.get(name, [])}
    }
    assert undeclared == set(), "declare them in pyproject.toml, or use what is declared"


def imports(source: Source) -> Iterator[str]:
    """The packages that a file imports, by their first name."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def names(requirements: list[str]) -> set[str]:
    return {plain(re.split(r"[ \[<>=!~]", one)[0]) for one in requirements}


def plain(package: str) -> str:
    """A package's name in the one spelling of the lock."""
    return re.sub(r"[-_.]+", "-", package).lower()
