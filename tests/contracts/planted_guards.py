"""Wrongs that are of the whole database, and what takes each back."""

from tests.contracts.planted import Wrong

# These are of the whole database and have to be undone: the wrong, and what takes it back.
GUARDS = (
    (
        Wrong("a trigger switched off", "alter table posting disable trigger frozen", ("L3",)),
        "alter table posting enable trigger frozen",
    ),
    (
        Wrong("a wall taken down", "alter table invoice no force row level security", ("N2",)),
        "alter table invoice force row level security",
    ),
)
