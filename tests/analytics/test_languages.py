"""Users by language."""

import datetime as dt

from django.http import QueryDict

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks import languages
from frontdesk.analytics.blocks.languages import Languages
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from tests.factories import make_user


def load(agent: Agent, platform: str = "") -> Languages:
    query, _ = AnalyticsQuery.parse(QueryDict(), dt.date(2026, 10, 14))
    return languages.load(Scope([agent], platform, "/users"), query)


def test_languages_are_counted_over_all_platforms_and_lead_to_their_users(agent: Agent) -> None:
    for name, language in (
        ("Ada", "de"),
        ("Bo", "de"),
        ("Cy", "pt-br"),
        ("Di", ""),
        ("Ed", "de-at"),
    ):
        make_user(agent, name, language=language)
    found = load(agent, platform="web")
    assert [(row.title, row.users, row.share) for row in found.rows] == [
        ("German", 3, 0.6),
        ("Unknown", 1, 0.2),
        ("Portuguese", 1, 0.2),
    ]
    assert [row.link.partition("?")[2] for row in found.rows] == [
        "language=de",
        "language=",
        "language=pt",
    ]


def test_rare_languages_are_one_row_and_all_are_in_the_table(agent: Agent) -> None:
    for number in range(languages.MAX_SHOWN + 3):
        make_user(agent, f"V{number}", language=f"x{chr(97 + number)}")
    found = load(agent)
    assert len(found.rows) == languages.MAX_SHOWN + 1
    assert (found.rows[-1].title, found.rows[-1].users, found.rows[-1].link) == ("3 others", 3, "")
    assert len(found.table.rows) == languages.MAX_SHOWN + 3
