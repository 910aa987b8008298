"""Which migrations there are, told without Django: whoever starts everything asks it."""

from collections.abc import Iterable
from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"
DONE = "select name from django_migrations where app = 'store'"


def migration_names() -> list[str]:
    """The migrations that there are, the first one first."""
    return sorted(path.stem for path in MIGRATIONS.glob("0*.py"))


def missing(done: Iterable[str]) -> list[str]:
    """The migrations that are not among those done, the first one first."""
    had = set(done)
    return [name for name in migration_names() if name not in had]
