"""The command `kesto`: one file per subcommand in `kesto/ops/commands`."""

import signal
import sys
import traceback
from collections.abc import Callable
from io import TextIOWrapper
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from kesto.core.refusals import Refused
from kesto.ops import console
from kesto.ops.commands import imports, invoice, key, portal, staff, usage
from kesto.ops.commands.bench import bench
from kesto.ops.commands.bill import bill
from kesto.ops.commands.calc import calc
from kesto.ops.commands.clock import clock
from kesto.ops.commands.close import close
from kesto.ops.commands.deliver import deliver
from kesto.ops.commands.deliveries import deliveries
from kesto.ops.commands.demo import demo
from kesto.ops.commands.doctor import doctor
from kesto.ops.commands.down import down
from kesto.ops.commands.match import match
from kesto.ops.commands.schedule import schedule
from kesto.ops.commands.up import up
from kesto.ops.commands.verify import verify
from kesto.ops.home import enter_demo_home


class _Commands(TyperGroup):
    """The commands, quiet when whoever read their output has left (`kesto match | head`)."""

    def invoke(self, context: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            console.hang_up()
            raise typer.Exit(console.NOBODY_READS) from None


app = typer.Typer(
    name="kesto",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Work on the demo's data: kesto --demo match")
    ] = False,
) -> None:
    """Subscription payments: pricing, invoices, bank matching and proof."""
    if demo:
        enter_demo_home()


COMMANDS: tuple[Callable[..., None], ...] = (
    *(up, down, demo, bill, schedule, deliver, deliveries, match, close, verify, clock, calc),
    *(bench, doctor),
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(imports.app, name="import")
app.add_typer(invoice.app, name="invoice")
app.add_typer(key.app, name="key")
app.add_typer(portal.app, name="portal")
app.add_typer(staff.app, name="staff")
app.add_typer(usage.app, name="usage")


def main() -> None:
    """Run one command; exit 0 when all is fine, 1 on findings, 2 when refused, 3 on trouble."""
    # A command that is told to end still leaves in order: its database is stopped or handed over.
    signal.signal(signal.SIGTERM, _leave)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # for a terminal that can't show every letter
    try:
        _run()
    except BrokenPipeError:
        console.hang_up()
        sys.exit(console.NOBODY_READS)
    except KeyboardInterrupt:  # a second one, while the first is still tidying up
        sys.exit(console.INTERRUPTED)


def _run() -> None:
    try:
        app()
    except Refused as refusal:
        console.show_refusal(refusal, as_json="--json" in sys.argv)
        sys.exit(console.REFUSED)
    except Exception:  # noqa: BLE001 - the edge: the rest is trouble, and its trace helps
        traceback.print_exc()
        sys.exit(console.TROUBLE)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
