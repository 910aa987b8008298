"""Commands on a subscription as they come in: JSON, told apart by `action`."""

import re
from typing import Any

import msgspec
from django.http import HttpRequest

from kesto.api.bodies import decoded
from kesto.api.problems import Problem
from kesto.api.values import DECIMAL
from kesto.core.changes import Command
from kesto.core.changes.checks import check_command

NAME = "Command"
REF = {"$ref": f"#/components/schemas/{NAME}"}
ASKED: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": REF}}}
}

_WHERE = re.compile(r" - at `\$\.?(.*)`$")
_FIELD = re.compile(r"field `([^`]*)`")


def command_schemas() -> dict[str, Any]:
    """The shapes of all commands, by name, as the description of the API has them."""
    template = "#/components/schemas/{name}"
    (whole,), shapes = msgspec.json.schema_components([Command], ref_template=template)
    union = {
        "title": NAME,
        "description": "What is asked of a subscription; `action` says which it is.",
        "oneOf": whole["anyOf"],
        "discriminator": whole["discriminator"],
    }
    return {NAME: union, **{name: _plain(shape) for name, shape in shapes.items()}}


def command_of(request: HttpRequest) -> Command:
    """The command in a body. Raises Problem and Invalid, which name the field."""
    body = decoded(request)
    _refuse_floats(body)
    try:
        command: Command = msgspec.convert(body, Command)
    except msgspec.ValidationError as refused:
        raise _problem(str(refused)) from None
    check_command(command)
    return command


def _problem(text: str) -> Problem:
    found = _WHERE.search(text)
    field = found[1] if found else ""
    detail, code = _WHERE.sub("", text), "bad_value"
    if (named := _FIELD.search(detail)) is not None:
        field = f"{field}.{named[1]}".removeprefix(".")
        code = "missing" if "missing" in detail else "unknown_field"
    field = field.replace("[...]", "")[:200] or "body"
    return Problem(400, code, f"{field}: {detail}.", field=field)


def _refuse_floats(body: object) -> None:
    """A binary fraction is no exact number."""
    for name, value in body.items() if isinstance(body, dict) else ():
        if isinstance(value, float):
            field = str(name)[:200]
            detail = f'{field}: write it as text, such as "1.5".'
            raise Problem(400, "bad_value", detail, field=field)


def _plain(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape in the words that the rest of the description uses."""
    properties = shape.get("properties", {})
    return {**shape, "properties": {name: _field(one) for name, one in properties.items()}}


def _field(one: dict[str, Any]) -> dict[str, Any]:
    if one.get("format") == "decimal":
        words = {name: value for name, value in one.items() if name not in {"type", "format"}}
        return {**words, **DECIMAL}
    if "anyOf" in one:
        kinds = [kind for part in one["anyOf"] for kind in _field(part).get("anyOf", [part])]
        return {**one, "anyOf": kinds}
    return one
