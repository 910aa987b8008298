"""What no file of the project may hold, whatever its kind.

The patterns are written with one letter in brackets, so that they don't find themselves.
"""

import re
from collections.abc import Iterator

from tests.tidy.sources import Finding, Rule, Source, everywhere

MACHINE_PATH = re.compile(r"(^|[^\w.])/(wor[k]|far[m]|roo[t]|hom[e]/\w+|User[s]/\w+)/")
REGISTRY_HOST = re.compile(
    r"py[p]i\.org|python[h]osted\.org|registry\.npm[j]s|deb\.deb[i]an\.org|crates\.i[o]\b"
)
WORKPLACE = re.compile(
    r"\bfarm-(studi[o]|benc[h])|\bbefore-sto[p]|\bsub-?agen[t]|\bcoding agen[t]|\btool librar[y]"
    r"|\bshared/(hook[s]|desig[n]|knowledg[e])|\bchat ?bo[t]|\blanguage mode[l]"
    r"|\bCE[O]\b|\bLL[M]\b|\b(an|by|of|the|using|with) A[I]\b"
)
THIRD_PARTY_PATH = re.compile(r"\.min\.(js|css)$|(^|/)(vendor|third_party|node_modules)/")
THIRD_PARTY_TEXT = re.compile(
    r"Copyrigh[t] (\(c\)|©|\d{4})|All rights reserve[d]|Licensed under th[e]|SPDX-Licens[e]",
    re.IGNORECASE,
)
# The licence itself, and the notices of data that the product ships with its source named.
NOTICES = {"LICENSE", "NOTICE", "kesto/demo/cloud.md", "kesto/demo/telco.md"}


def machine_paths(source: Source) -> Iterator[Finding]:
    yield from matches(source, MACHINE_PATH, "make the path relative, or a setting")


def registry_hosts(source: Source) -> Iterator[Finding]:
    yield from matches(source, REGISTRY_HOST, "name the package, not where it is fetched")


def workplace_words(source: Source) -> Iterator[Finding]:
    yield from matches(source, WORKPLACE, "the project speaks of itself alone: reword")


def third_party(source: Source) -> Iterator[Finding]:
    wanted = "take it from an installed package instead of committing it"
    if THIRD_PARTY_PATH.search(source.path):
        yield Finding(1, wanted)
    if source.path not in NOTICES:
        yield from matches(source, THIRD_PARTY_TEXT, wanted)


def matches(source: Source, pattern: re.Pattern[str], wanted: str) -> Iterator[Finding]:
    for number, line in enumerate(source.lines, start=1):
        if found := pattern.search(line):
            yield Finding(number, f"{found[0].strip()}: {wanted}")


RULES = (
    Rule("no path of one machine", everywhere, machine_paths),
    Rule("no registry host", everywhere, registry_hosts),
    Rule("the project speaks of itself alone", everywhere, workplace_words),
    Rule("no third-party file", everywhere, third_party),
)
