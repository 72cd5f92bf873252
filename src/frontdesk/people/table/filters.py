"""The filters of users: one entry each, for the page, the API and saved views.

URLs and pages have them in this order.
"""

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontdesk.core.languages import language_name
from frontdesk.core.platforms import SLUG, platform_word
from frontdesk.ledger.models import FacetCount
from frontdesk.people.table import conditions
from frontdesk.people.table.conditions import Condition
from frontdesk.people.table.filter_kinds.base import Filter
from frontdesk.people.table.filter_kinds.choices import (
    ChoiceFilter,
    FacetFilter,
    LanguageFilter,
    Option,
    PlanFilter,
    TagFilter,
)
from frontdesk.people.table.filter_kinds.numbers import RangeFilter
from frontdesk.people.table.filter_kinds.times import DaysFilter, InactiveFilter, PeriodFilter
from frontdesk.people.table.rows import PlanAndTagNames

MAX_INACTIVE_DAYS = 36_500


def _plan_name(key: str, names: PlanAndTagNames) -> str:
    return names.plan_name(key) or _("None")


_STATUSES = {
    "active": Option(
        gettext_lazy("Not blocked"),
        lambda context: conditions.is_blocked(context.agent, context.now).negated(),
    ),
    "blocked": Option(
        gettext_lazy("Blocked"),
        lambda context: conditions.is_blocked(context.agent, context.now),
    ),
    "near": Option(
        gettext_lazy("Over 80 % of a limit"),
        lambda context: conditions.is_near_limit(context.agent),
    ),
    "unreachable": Option(
        gettext_lazy("Cannot be reached"),
        lambda _context: Condition("u.unreachable_since IS NOT NULL", (), "unreachable_since"),
    ),
    "linked": Option(
        gettext_lazy("Linked with another"),
        lambda _context: Condition("u.person_id IS NOT NULL", (), "person_id"),
    ),
}

FILTERS: dict[str, Filter[Any]] = {
    each.name: each
    for each in (
        FacetFilter(
            name="platform",
            label=gettext_lazy("Platform"),
            facet=FacetCount.Facet.PLATFORM.value,
            column="platform",
            pattern=re.compile(SLUG),
            word=lambda slug, names: platform_word(slug),
            description="Only these platforms; may be repeated.",
        ),
        LanguageFilter(
            name="language",
            label=gettext_lazy("Language"),
            facet=FacetCount.Facet.LANGUAGE.value,
            column="base_language",
            pattern=re.compile(r"[a-z0-9-]{0,35}"),
            word=lambda tag, names: language_name(tag),
            description="Only these languages, of all regions (`pt`) or of one (`pt-br`); may be"
            " repeated; empty: unknown.",
        ),
        ChoiceFilter(
            name="status",
            label=gettext_lazy("Status"),
            options=_STATUSES,
            description="Only these: `active`: may write; `blocked`; `near`: has used 80 % or more"
            " of a limit, which is checked every 5 minutes; `unreachable`: has blocked the bot, for"
            " example; `linked`: with another user, as the same person.",
        ),
        PlanFilter(
            name="plan",
            label=gettext_lazy("Subscription"),
            facet=FacetCount.Facet.PLAN.value,
            column="subscription",
            pattern=re.compile(r"[^\x00-\x1f]{0,100}"),
            word=_plan_name,
            description="Only users with these plans, by key; may be repeated; empty: no plan.",
        ),
        TagFilter(
            name="tag",
            label=gettext_lazy("Tags"),
            mode_name="tags",
            facet=FacetCount.Facet.TAG.value,
        ),
        PeriodFilter(
            name="last",
            label=gettext_lazy("Last message"),
            column="last_message_at",
            description="Last message from the user",
        ),
        InactiveFilter(
            name="quiet",
            label=gettext_lazy("Inactive, for users who have written"),
            maximum=MAX_INACTIVE_DAYS,
        ),
        PeriodFilter(
            name="seen",
            label=gettext_lazy("First seen"),
            column="first_seen_at",
            description="First message",
        ),
        DaysFilter(
            name="active",
            label=gettext_lazy("Sent messages"),
            condition=lambda _agent, days: conditions.was_active(days),
            description="Has sent a message",
            rank=5,
        ),
        DaysFilter(
            name="also",
            label=gettext_lazy("Also sent messages"),
            condition=lambda _agent, days: conditions.was_active(days),
            description="Has, in addition to `active`, sent a message",
            rank=5,
        ),
        DaysFilter(
            name="inactive",
            label=gettext_lazy("Sent no messages"),
            condition=conditions.was_inactive,
            description="Has sent no message",
            rank=5,
        ),
        DaysFilter(
            name="joined",
            label=gettext_lazy("First message sent"),
            condition=lambda _agent, days: conditions.joined(days),
            description="Has sent the first message",
            rank=4,
        ),
        RangeFilter(
            name="sessions",
            label=gettext_lazy("Sessions"),
            column="total_sessions",
            description="`totalSessions`",
        ),
        RangeFilter(
            name="chat",
            label=gettext_lazy("Chat messages"),
            column="total_chat_messages",
            description="`totalChatMessages`",
        ),
        RangeFilter(
            name="sent",
            label=gettext_lazy("Sent messages"),
            column="total_messages_sent",
            description="`totalMessagesSent`",
        ),
        RangeFilter(
            name="cost",
            label=gettext_lazy("Cost"),
            column="user_cost",
            description="`cost` in US dollars",
            digits=6,
            currency="$",
        ),
        RangeFilter(
            name="per_session",
            label=gettext_lazy("Sent per session"),
            column="",
            description="Messages sent per session",
            digits=2,
            condition=conditions.sent_per_session,
        ),
    )
}
