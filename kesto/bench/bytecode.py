"""Our modules compiled, as every installer leaves them."""

import compileall
from pathlib import Path

import kesto


def compile_ours() -> None:
    """Compile what has changed since it was compiled.

    In a shell that forbids Python to keep what it compiles (PYTHONDONTWRITEBYTECODE) every process
    compiles everything anew, and that would be measured in place of the product.
    """
    compileall.compile_dir(Path(kesto.__file__).parent, quiet=2)
