"""`kesto verify`: every invoice computed anew, every invariant asked."""

from collections.abc import Sequence
from typing import Annotated

import typer

from kesto import verify as proof
from kesto.ops import console
from kesto.ops.desk import desk, installation
from kesto.verify import Finding

MOST_SHOWN = 5


def verify(
    *,
    merchant: Annotated[str, typer.Option(help="The merchant's code (all merchants).")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compute every invoice anew and check the books; what is wrong is printed with its evidence.

    Exit status 1 when anything was found. It only reads, and may run while others work.
    """
    findings = _found(merchant)
    if as_json:
        console.show_json({"findings": findings})
    elif findings:
        _show(findings)
    else:
        console.show_text("Nothing found: every invoice comes out the same, every invariant holds.")
    if findings:
        raise typer.Exit(console.FINDINGS)


def _found(merchant: str) -> list[Finding]:
    with console.progress("Computing anew") as advance:
        if merchant:
            with desk(merchant) as at:
                return proof.verify(at.merchant.id, advance)
        with installation():
            return proof.verify_all(advance)


def _show(findings: Sequence[Finding]) -> None:
    by_invariant: dict[str, list[Finding]] = {}
    for one in findings:
        by_invariant.setdefault(one.invariant, []).append(one)
    for number, (invariant, found) in enumerate(sorted(by_invariant.items())):
        if number:
            console.show_text("")
        console.show_text(f"{invariant}  {found[0].sentence}")
        rows = [(one.merchant or "-", _text(one)) for one in found[:MOST_SHOWN]]
        console.show_table(("merchant", "evidence"), rows)
        if len(found) > MOST_SHOWN:
            console.show_text(f"and {len(found) - MOST_SHOWN} more (all of them: --json)")
    console.say(f"{len(findings)} findings; what each means stands in docs/invariants.md")


def _text(found: Finding) -> str:
    evidence = found.evidence
    scalars = [f"{name} {is_}" for name, is_ in evidence.items() if not isinstance(is_, list)]
    lines = [", ".join(scalars)]
    for name, parts in evidence.items():
        if isinstance(parts, list):
            lines += [f"{name}:", *(f"  {part}" for part in parts)]
    return "\n".join(lines)
