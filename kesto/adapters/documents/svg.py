"""Black shapes of whole modules as SVG text; the quiet zone around them is the page's business."""

from collections.abc import Iterable


def drawing(width: int, height: int, path: Iterable[str]) -> str:
    """Return a picture of the given size in modules."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" shape-rendering="crispEdges">'
        f'<path d="{"".join(path)}"/></svg>'
    )


def bar(x: int, y: int, width: int, height: int) -> str:
    """Return the path of a filled rectangle."""
    return f"M{x} {y}h{width}v{height}h-{width}z"
