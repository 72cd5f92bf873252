"""Tags and filters of analytics: values, and the texts around them."""

import datetime as dt

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontdesk.analytics.blocks.figure import Figure
from frontdesk.analytics.blocks.table import Series, TimeChart
from frontdesk.analytics.labels import day_label
from frontdesk.core.formats import length, number
from frontdesk.core.money import money
from frontdesk.core.text import Text

register = template.Library()

_SPARK_LABELS = {
    "day": gettext_lazy("By day: from %(lowest)s to %(highest)s"),
    "week": gettext_lazy("By week: from %(lowest)s to %(highest)s"),
    "month": gettext_lazy("By month: from %(lowest)s to %(highest)s"),
}


@register.filter
def shown(value: float | str | None, kind: str) -> str:
    """A value by its kind (see `analytics.blocks.table.Head`). Unknown values are a dash."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return day_label(dt.date.fromisoformat(value)) if kind == "day" else value
    match kind:
        case "money":
            return money(round(value))
        case "percent":
            return f"{value:.1%}" if abs(value) < 0.0995 and value else f"{value:.0%}"
        case "duration":
            return length(value)
        case "decimal":
            return f"{value:,.1f}"
        case _:
            return number(round(value))


@register.filter
def previous(figure: Figure) -> str:
    """The value of the previous period, as a tooltip."""
    return _("%(value)s in the previous period") % {"value": shown(figure.before, figure.kind)}


@register.filter
def since(figure: Figure) -> str:
    """The earlier value of a figure, for its change."""
    return _("from %(value)s") % {"value": shown(figure.before, figure.kind)}


@register.filter
def spark_label(figure: Figure, grain: str) -> str:
    return str(_SPARK_LABELS[grain]) % {
        "lowest": shown(figure.lowest, figure.kind),
        "highest": shown(figure.highest, figure.kind),
    }


@register.simple_tag
def chart_summary(title: Text, chart: TimeChart, last: dt.date) -> str:
    """A description of a chart until this day, for screen readers."""
    first = chart.buckets[0].first
    text = _("%(title)s, from %(first)s to %(last)s.")
    values = {"title": title, "first": day_label(first), "last": day_label(last)}
    return " ".join([text % values, *map(_series_summary, chart.series)])


def _series_summary(series: Series) -> str:
    if not series.known:
        return _("%(title)s: no known values.") % {"title": series.title}
    return _("%(title)s: lowest %(lowest)s, highest %(highest)s, last %(last)s.") % {
        "title": series.title,
        "lowest": shown(series.lowest, series.kind),
        "highest": shown(series.highest, series.kind),
        "last": shown(series.last, series.kind),
    }
