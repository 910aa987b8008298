"""Charts, drawn as SVG in Python, each with its numbers in a table behind it."""

from django import template

from kesto.web.ui import charts

register = template.Library()

register.simple_tag(charts.spark)
register.simple_tag(charts.meter)


@register.inclusion_tag("ui/parts/chart.html")
def chart(chart: charts.Chart) -> dict[str, object]:
    """Show a chart with its legend and its numbers."""
    return {"chart": chart}
