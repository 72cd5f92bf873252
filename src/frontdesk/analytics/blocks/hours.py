"""The hours of the week at which users write."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontdesk.analytics.blocks.table import Cell, Head, Table
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.core.charts import maps
from frontdesk.core.charts.maps import Map
from frontdesk.core.formats import number
from frontdesk.ledger.models import AgentHour


@dataclass(frozen=True)
class Hours:
    """Messages that users sent in the period, by weekday (Monday is 0) and hour in the agent's
    time zone."""

    sent: Counter[tuple[int, int]]

    @property
    def map(self) -> Map:
        return maps.week_hours({str(24 * day + hour): n for (day, hour), n in self.sent.items()})

    @property
    def summary(self) -> str:
        if not self.sent:
            return _("No messages in this period.")
        busiest = max(n for n in self.sent.values())
        day, hour = min(cell for cell, n in self.sent.items() if n == busiest)
        by_day = [sum(self.sent[n, h] for h in range(24)) for n in range(7)]
        text = ngettext(
            "Busiest day: %(day)s. Busiest hour: %(weekday)s, %(start)s to %(end)s, with %(count)s"
            " message.",
            "Busiest day: %(day)s. Busiest hour: %(weekday)s, %(start)s to %(end)s, with %(count)s"
            " messages.",
            busiest,
        )
        return text % {
            "day": WEEKDAYS[by_day.index(max(by_day))],
            "weekday": WEEKDAYS[day],
            "start": f"{hour}:00",
            "end": f"{hour + 1}:00",
            "count": number(busiest),
        }

    @property
    def table(self) -> Table:
        heads = [Head(_("Hour")), *(Head(str(name), "number") for name in WEEKDAYS.values())]
        rows: list[list[Cell]] = [
            [f"{hour}:00", *(self.sent[day, hour] for day in range(7))] for hour in range(24)
        ]
        return Table(heads, rows)


def load(scope: Scope, query: AnalyticsQuery) -> Hours:
    rows = AgentHour.objects.filter(scope.rows, day__range=query.period, messages_sent__gt=0)
    counts = rows.values_list("day", "hour").annotate(sent=Sum("messages_sent"))
    sent: Counter[tuple[int, int]] = Counter()
    for day, hour, messages in counts.order_by():
        sent[day.weekday(), hour] += messages
    return Hours(sent)
