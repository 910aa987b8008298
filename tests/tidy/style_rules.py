"""How the code is written: sizes, names, imports, exceptions, reasons, annotations."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.tidy.sources import Finding, Function, Rule, Source, dotted, python

FILE_LINES = 400
FUNCTION_LINES = 60

# Where everything that goes wrong is caught once and turned into an answer.
EDGES: dict[str, str] = {
    "kesto/api/doors/door.py": "a door that fails answers 500 and writes down its trace",
    "kesto/api/doors/together.py": "who waits for work that fails is told; the others go on",
    "kesto/flows/bill.py": "a failing chunk is halved until the group at fault is parked",
    "kesto/flows/rehearse.py": "a dry run finds the group at fault as a run does",
    "kesto/jobs/runner.py": "a job that fails is noted and tried again; the others go on",
    "kesto/ops/cli.py": "a command that fails shows its trace and its exit status",
    "kesto/ops/commands/bench.py": "a row that fails is named with its trace; the others go on",
    "kesto/ops/keep.py": "the same for what `kesto up` becomes",
    "kesto/verify/proof.py": "what can't be read or computed is a finding; the proof goes on",
}

# A last word that says nothing about what the thing is.
EMPTY_WORDS = {"Service", "Manager", "Helper", "Helpers", "Util", "Utils", "Base"}
EMPTY_MODULES = {"util", "utils", "helper", "helpers", "misc", "base", "service"}

# The word of another system -> ours (docs/glossary.md).
OTHER_NOUNS = {
    "Charge": "Price",
    "Fee": "InvoiceLine",
    "Order": "Invoice",
    "Subject": "Customer",
    "Tenant": "Merchant",
}
WORDS = {
    "acct": "account",
    "addr": "address",
    "amt": "amount",
    "cfg": "configuration",
    "cnt": "count",
    "conn": "connection",
    "ctx": "context",
    "cur": "cursor",
    "curr": "currency, or current",
    "cust": "customer",
    "desc": "description",
    "dt": "day, or the instant's own name",
    "err": "error",
    "exc": "error",
    "fee": "invoice_line",
    "fees": "invoice_lines",
    "idx": "index",
    "inv": "invoice",
    "msg": "message",
    "num": "number",
    "obj": "its own name",
    "pct": "percent",
    "prev": "previous",
    "qty": "quantity",
    "req": "request",
    "res": "result",
    "resp": "response",
    "ret": "result",
    "stmt": "statement",
    "tenant": "merchant",
    "tenants": "merchants",
    "txn": "transaction",
    "tx": "transaction",
    "usr": "user",
    "val": "value",
}

NOQA = re.compile(r"#\s*(ruff:\s*)?noqa", re.IGNORECASE)
NOQA_WITH_REASON = re.compile(r"#\s*(ruff:\s*)?noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*\s+- \S")
TYPE_IGNORE = re.compile(r"#\s*type:\s*ignore")
TYPE_IGNORE_WITH_REASON = re.compile(r"#\s*type:\s*ignore\[[\w\-, ]+\]\s+# \S")
LINT_CODE = re.compile(r'^\s*"[A-Z]+\d*",?\s*(?P<rest>.*)$')
LENIENT = re.compile(r"^\s*(ignore_\w+|disallow_\w+|follow_imports)\s*=[^#]*$")


def long_files(source: Source) -> Iterator[Finding]:
    if len(source.lines) > FILE_LINES:
        yield Finding(FILE_LINES + 1, f"{len(source.lines)} lines: make a second file of it")


def long_functions(source: Source) -> Iterator[Finding]:
    for function in source.functions:
        if (length := function_lines(function)) > FUNCTION_LINES:
            yield Finding(function.lineno, f"{function.name} has {length} lines: name its steps")


def function_lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def late_imports(source: Source) -> Iterator[Finding]:
    for function in source.functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield Finding(node.lineno, "import at the top of the file, or move the code down")


def broad_excepts(source: Source) -> Iterator[Finding]:
    if source.path in EDGES:
        return
    wanted = "name the error that is expected; everything else is a bug and must be heard"
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler) and swallows_all(node):
            yield Finding(node.lineno, f"broad except: {wanted}")
        if isinstance(node, ast.Call) and suppresses_all(node):
            yield Finding(node.lineno, f"suppress of everything: {wanted}")


def swallows_all(handler: ast.ExceptHandler) -> bool:
    """Whether it catches everything and does not pass it on after cleaning up."""
    last = handler.body[-1]
    passes_on = isinstance(last, ast.Raise) and last.exc is None
    return catches_all(handler.type) and not passes_on


def suppresses_all(call: ast.Call) -> bool:
    is_suppress = dotted(call.func).split(".")[-1] == "suppress"
    return is_suppress and any(catches_all(argument) for argument in call.args)


def catches_all(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(catches_all(one) for one in caught.elts)
    return caught is None or (
        isinstance(caught, ast.Name) and caught.id in {"Exception", "BaseException"}
    )


def silent_ignores(source: Source) -> Iterator[Finding]:
    for line, comment in source.comments:
        if NOQA.search(comment) and not NOQA_WITH_REASON.search(comment):
            yield Finding(line, "write `# noqa: CODE - reason`")
        if TYPE_IGNORE.search(comment) and not TYPE_IGNORE_WITH_REASON.search(comment):
            yield Finding(line, "write `# type: ignore[code]  # reason`")


def silent_settings(source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines, start=1):
        code = LINT_CODE.match(line)
        is_bare_code = code and '"ALL"' not in line and not code["rest"].startswith("# ")
        if is_bare_code or LENIENT.match(line):
            yield Finding(number, "say why this is ignored, in a comment on the same line")


def missing_annotations(source: Source) -> Iterator[Finding]:
    for function in source.functions:
        if function.returns is None:
            yield Finding(function.lineno, f"{function.name} needs a return annotation")


def banned_names(source: Source) -> Iterator[Finding]:
    stem = PurePosixPath(source.path).stem
    if stem in EMPTY_MODULES:
        yield Finding(1, f"{stem}.py: name the file after what it holds")
    for node in source.nodes:
        if isinstance(node, ast.ClassDef):
            yield from banned_class(node)
        elif name := bound_name(node):
            for word in name.lower().split("_"):
                if word in WORDS:
                    yield Finding(line_of(node), f"{name}: write {WORDS[word]} for {word}")


def banned_class(node: ast.ClassDef) -> Iterator[Finding]:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", node.name)
    if words and (words[-1] in EMPTY_WORDS or words[0] == "Base"):
        yield Finding(node.lineno, f"{node.name}: a noun that says what it is, or a function")
    if words and words[-1] in OTHER_NOUNS:
        yield Finding(node.lineno, f"{node.name}: our word is {OTHER_NOUNS[words[-1]]}")


def bound_name(node: ast.AST) -> str:
    """The name that this piece of code introduces, if any."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name
        case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
            return name
        case ast.ExceptHandler(name=str(name)):
            return name
    return ""


def line_of(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 1))


RULES = (
    Rule("files of at most 400 lines", python, long_files),
    Rule("functions of at most 60 lines", python, long_functions),
    Rule("no imports inside functions", python, late_imports),
    Rule("no broad except but at the edges", python, broad_excepts),
    Rule("every silenced line says why", python, silent_ignores),
    Rule("every lenient setting says why", lambda path: path == "pyproject.toml", silent_settings),
    Rule("every function says what it returns", python, missing_annotations),
    Rule("names that say what a thing is", python, banned_names),
)
