"""The command `kesto`: one file per subcommand in `kesto/ops/commands`, loaded when called."""

import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from io import TextIOWrapper
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from kesto.core.refusals import EventsAway, Refused
from kesto.ops import plain
from kesto.ops.home import enter_demo_home

COMMANDS = {
    "up": "Start database, web and workers; print the address when all are ready.",
    "down": "Stop web, workers and database; also a database that a killed program left running.",
    "demo": "Bill 7,043 subscribers for two months, match their payments, prove every cent.",
    "bill": "Bill what is due and not billed yet; running it again adds nothing.",
    "deliver": "Send the messages that wait, each once, and print the day's letters.",
    "deliveries": "Show what is delivered on a day: who gets what, where it goes, and how far it"
    " is.",
    "match": "List payments that found no invoice by themselves, or settle one of them.",
    "close": "Close a month: nothing is dated or booked into it any more.",
    "verify": "Compute every invoice anew and check the books; what is wrong is printed with its"
    " evidence.",
    "clock": "Show a merchant's time; move a test merchant's clock on. Live ones go by the real"
    " time.",
    "calc": "Compute prices, periods, shares, invoices and references: one JSON answer a line.",
    "bench": "Measure speed on a database of its own, which is removed afterwards.",
    "doctor": "Check this installation; exit 1 when something needs attention.",
    "import": "Bring in a file.",
    "invoice": "Look at an invoice, or credit it.",
    "key": "Make, list or revoke keys of the API.",
    "portal": "Open a customer's own pages.",
    "staff": "Invite staff to the office, or list them.",
    "usage": "Rejected usage events, and usage that is kept in ClickHouse.",
}
"""What each command says of itself first, so that none has to be loaded to be named."""

MODULES = {"import": "imports"}  # where the module is not named like its command


class _Loaded(Mapping[str, Any]):
    """The commands, each loaded when it is asked for."""

    def __getitem__(self, name: str) -> Any:
        """Load a command. Raises KeyError."""
        if name not in COMMANDS:
            raise KeyError(name)
        return _loaded(name)

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return iter(COMMANDS)

    def __len__(self) -> int:
        """Count them."""
        return len(COMMANDS)


class _Commands(TyperGroup):
    """The commands, quiet when whoever read their output has left (`kesto match | head`)."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{**given, "commands": _Loaded()})

    def format_help(self, context: Any, formatter: Any) -> None:
        """Say what commands there are, without loading them."""
        named = [TyperCommand(name, help=sentence) for name, sentence in COMMANDS.items()]
        told = TyperGroup(name=self.name, help=self.help, params=self.params, commands=named)
        told.format_help(context, formatter)

    def invoke(self, context: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            plain.hang_up()
            raise typer.Exit(plain.NOBODY_READS) from None


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


@cache
def _loaded(name: str) -> Any:
    module = import_module(f"kesto.ops.commands.{MODULES.get(name, name)}")
    alone = typer.Typer(add_completion=False)
    if hasattr(module, "app"):  # it has commands of its own
        alone.add_typer(module.app, name=name)
    else:
        alone.command()(getattr(module, name))
    return get_group(alone).commands[name]


def main() -> None:
    """Run one command; exit 0 when all is fine, 1 on findings, 2 when refused, 3 on trouble."""
    # A command that is told to end still leaves in order: its database is stopped or handed over.
    signal.signal(signal.SIGTERM, _leave)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # for a terminal that can't show every letter
    try:
        _run()
    except BrokenPipeError:
        plain.hang_up()
        sys.exit(plain.NOBODY_READS)
    except KeyboardInterrupt:  # a second one, while the first is still tidying up
        sys.exit(plain.INTERRUPTED)


def _run() -> None:
    try:
        app()
    except Refused as refusal:
        # Only who is refused waits for what draws on a terminal.
        import_module("kesto.ops.console").show_refusal(refusal, as_json="--json" in sys.argv)
        sys.exit(plain.REFUSED)
    except EventsAway as trouble:
        import_module("kesto.ops.console").say(str(trouble))
        sys.exit(plain.TROUBLE)
    except Exception:  # noqa: BLE001 - the edge: the rest is trouble, and its trace helps
        traceback.print_exc()
        sys.exit(plain.TROUBLE)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
