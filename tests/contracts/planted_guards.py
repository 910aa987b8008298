"""Wrongs that are of the whole database: a guard that stands no more."""

from tests.contracts.planted import Wrong

GUARDS = (
    Wrong("a trigger switched off", "alter table posting disable trigger frozen", ("L3",)),
    Wrong("a wall taken down", "alter table invoice no force row level security", ("N2",)),
    Wrong(
        "the wall between merchants taken down",
        "alter table merchant no force row level security",
        ("N2",),
    ),
)
