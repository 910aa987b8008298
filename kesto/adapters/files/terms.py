"""What a plan says besides its prices: phases, terms, and what it gives of features."""

from typing import get_args

from msgspec import structs

from kesto.adapters.files import checks, nouns
from kesto.adapters.files.prices import interval
from kesto.adapters.files.toml_table import TomlTable
from kesto.core.catalog import (
    WHOLE_PERCENT,
    AtTermEnd,
    Entitlement,
    Phase,
    PlanTerms,
)
from kesto.core.exact import ZERO
from kesto.core.plan_checks import COUNTS, PERCENTAGES, closed

USUAL = PlanTerms()


def read_phases(table: TomlTable) -> tuple[Phase, ...]:
    """The phases of a plan; after the last that has a length it goes on as usual."""
    tables = table.tables("phases")
    phases = tuple(_phase(entry) for entry in tables)
    nouns.refuse_repeats(tables, [phase.code for phase in phases])
    return closed(phases)


def read_terms(table: TomlTable) -> PlanTerms:
    """The terms of a plan; those that are not given are the usual ones."""
    if "terms" not in table.content:
        return USUAL
    given = table.table("terms")
    if given is None:
        return USUAL
    counts = {
        name: given.whole(name, 0, most, getattr(USUAL, name)) for name, most in COUNTS.items()
    }
    percentages = {name: nouns.decimal(given, name, getattr(USUAL, name)) for name in PERCENTAGES}
    at_end: AtTermEnd = given.text(
        "at_term_end", checks.choice(*get_args(AtTermEnd)), USUAL.at_term_end
    )
    extends = USUAL.pause_extends_term
    if "pause_extends_term" in given.content:
        extends = given.boolean("pause_extends_term")
    given.finish()
    return structs.replace(
        USUAL, **counts, **percentages, at_term_end=at_end, pause_extends_term=extends
    )


def read_entitlements(table: TomlTable) -> tuple[Entitlement, ...]:
    """What a plan or an add-on gives of features."""
    return tuple(_entitlement(entry) for entry in table.tables("entitlements"))


def _phase(table: TomlTable) -> Phase:
    has_length = "interval" in table.content
    if "interval_count" in table.content and not has_length:
        table.error(("interval",), "is missing; write day, week, month or year")
    length = interval(table)
    is_trial = table.boolean("trial")
    usual = ZERO if is_trial else WHOLE_PERCENT
    phase = Phase(
        nouns.code(table),
        length if has_length else None,
        nouns.decimal(table, "percent", usual),
        is_trial,
    )
    table.finish()
    return phase


def _entitlement(table: TomlTable) -> Entitlement:
    has_limit = "limit" in table.content
    feature = table.text("feature", checks.code, "", required=True)
    limit = nouns.decimal(table, "limit") if has_limit else None
    table.finish()
    return Entitlement(feature, limit)
