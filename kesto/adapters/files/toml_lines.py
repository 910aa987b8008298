"""Where each value of a TOML document stands, which the standard library's reader keeps to itself.

The text must have been read by `tomllib` already: nothing is checked here, only located.
"""

import re
import tomllib

Path = tuple[str | int, ...]
"""The way to a value: keys of tables and positions in lists, such as ("plans", 0, "name")."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\n]*")


def toml_lines(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every key, list entry and table header of a TOML document."""
    walk = _Walk(text)
    walk.document()
    return walk.lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of a value, or of the nearest table around it when it is missing."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Walk:
    """One pass over the text, remembering the line at which each path begins."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.last_entry: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)

    def header(self) -> Path:
        is_list = self.text.startswith("[[", self.at)
        self.at += 2 if is_list else 1
        self.skip(_BLANK)
        path: Path = ()
        for key in self.keys():
            path = (*self.latest(path), key)
        if is_list:
            self.last_entry[path] = self.last_entry.get(path, -1) + 1
            path = self.latest(path)
        self.lines.setdefault(path, self.line)
        self.skip(_BLANK)
        self.at += 2 if is_list else 1
        return path

    def latest(self, path: Path) -> Path:
        """A list of tables stands for its latest entry."""
        return (*path, self.last_entry[path]) if path in self.last_entry else path

    def keys(self) -> list[str]:
        keys = [self.key()]
        while self.skip(_DOT):
            keys.append(self.key())
        return keys

    def key(self) -> str:
        written = self.skip(_KEY)
        if written[0] in "\"'":
            return next(iter(tomllib.loads(f"{written} = 0")))
        return written

    def pair(self, table: Path) -> None:
        line, path = self.line, table
        for key in self.keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self.skip(_BLANK)
        self.at += 1  # the equals sign
        self.value(path)

    def value(self, path: Path) -> None:
        self.skip(_BLANK)
        opening = self.text[self.at]
        if opening in "[{":
            self.collection(path, "]" if opening == "[" else "}")
        elif opening in "\"'":
            self.skip(_TEXT)
        else:
            self.skip(_PLAIN)

    def collection(self, path: Path, closing: str) -> None:
        """A list or an inline table."""
        self.at += 1
        position = 0
        self.skip(_BLANK)
        while self.text[self.at] != closing:
            if closing == "]":
                self.lines[*path, position] = self.line
                self.value((*path, position))
            else:
                self.pair(path)
            position += 1
            self.skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_BLANK)
        self.at += 1

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Step over what the pattern matches, counting its lines."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        self.line += found.group().count("\n")
        return found.group()
