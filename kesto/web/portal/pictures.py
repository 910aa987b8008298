"""Codes as pictures on a page, with the empty rim that readers need."""

import re

from django.utils.safestring import SafeString

SIZE = re.compile(r'viewBox="0 0 (\d+) (\d+)" width="\d+" height="\d+"')


def with_quiet_zone(svg: str, modules: int) -> SafeString:
    """A code's picture in a white field that is wider by so many modules on each side."""

    def wider(found: re.Match[str]) -> str:
        width, height = int(found[1]) + 2 * modules, int(found[2]) + 2 * modules
        return (
            f'viewBox="-{modules} -{modules} {width} {height}" aria-hidden="true" focusable="false"'
        )

    return SafeString(SIZE.sub(wider, svg))
