"""Dependencies are declared, locked and hashed.

Each lock is complete, has a hash for every file, and doesn't say where files come from.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import pairwise

import pytest

from tests.tidy.sources import ROOT, Source, product, sources

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
HEAVY = {  # of tools that have an environment of their own
    name: (ROOT / f"requirements-{name}.lock").read_text(encoding="utf-8")
    for name in ("chdb", "clients", "fuzz", "mutation")
}
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = DECLARED["project"]

PACKAGE = re.compile(r"^(?P<name>[a-z0-9][a-z0-9\-]*)==(?P<version>[\w.!+]+)( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
COMMENT = re.compile(r"^    #")


@pytest.mark.parametrize("lock", [LOCK, *HEAVY.values()], ids=["own", *HEAVY])
def test_every_line_is_a_package_a_hash_or_a_remark(lock: str) -> None:
    assert strange_lines(lock) == []


def test_a_planted_line_is_found() -> None:
    assert strange_lines("django==5.2.19\n--index-url https://example.com\n") == [
        "django==5.2.19",
        "--index-url https://example.com",
    ]


def strange_lines(lock: str) -> list[str]:
    shapes = (PACKAGE, HASH, COMMENT)
    return [line for line in lock.splitlines() if not any(shape.match(line) for shape in shapes)]


@pytest.mark.parametrize("lock", [LOCK, *HEAVY.values()], ids=["own", *HEAVY])
def test_every_package_has_a_hash(lock: str) -> None:
    lines = lock.splitlines()
    bare = [line for line, below in pairwise(lines) if is_bare(line, below)]
    assert bare == []


def is_bare(line: str, below: str) -> bool:
    return bool(PACKAGE.match(line)) and not HASH.match(below)


def test_every_dependency_is_locked() -> None:
    wanted = names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])
    assert wanted - set(locked(LOCK)) == set(), "make it anew; CONTRIBUTING.md has the command"
    for group, lock in HEAVY.items():
        assert names(DECLARED["dependency-groups"][group]) <= set(locked(lock))


@pytest.mark.parametrize("group", HEAVY)
def test_what_two_locks_name_is_the_same_version(group: str) -> None:
    first, second = locked(LOCK), locked(HEAVY[group])
    differing = {name for name in first.keys() & second.keys() if first[name] != second[name]}
    assert differing == set(), "make the second lock anew; CONTRIBUTING.md has the command"


def locked(lock: str) -> dict[str, str]:
    """The packages of a lock with their versions."""
    found = (PACKAGE.match(line) for line in lock.splitlines())
    return {match["name"]: match["version"] for match in found if match}


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
