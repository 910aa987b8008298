"""`kesto doctor`: looks at the installation and says what to do."""

from typing import Annotated

import typer

from kesto.ops import checks, console
from kesto.ops.home import real_home


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check this installation; exit 1 when something needs attention."""
    findings = list(checks.examine(real_home()))
    is_fine = all(finding.is_fine for finding in findings)
    if as_json:
        console.show_json({"is_fine": is_fine, "checks": findings})
    else:
        rows = [
            (finding.check, "ok" if finding.is_fine else "problem", finding.detail, finding.remedy)
            for finding in findings
        ]
        console.show_table(("check", "state", "what", "remedy"), rows)
    if not is_fine:
        raise typer.Exit(console.FINDINGS)
