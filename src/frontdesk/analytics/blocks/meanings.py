"""The titles and definitions of the figures."""

from django.utils.translation import gettext_lazy as _

from frontdesk.analytics.blocks.figure import Meaning

MEANINGS = {
    "users": Meaning(
        _("Active users"),
        "number",
        "up",
        _(
            "Distinct users who sent a message in the period, each identity counted once. If some"
            " are linked, the number of persons is beside it. Erased users stay counted."
        ),
    ),
    "new": Meaning(
        _("New users"),
        "number",
        "up",
        _(
            "Users who sent their first message in the period, each identity counted once. Linked"
            " ones among them are one person. Erased users stay counted."
        ),
    ),
    "daily": Meaning(
        _("Daily active users"),
        "decimal",
        "up",
        _("DAU: the users who sent a message on a day, averaged over all days of the period."),
    ),
    "weekly": Meaning(
        _("Weekly active users"),
        "number",
        "up",
        _(
            "WAU: distinct users who sent a message on the last day of the period or on the six"
            " days before, each identity counted once."
        ),
    ),
    "monthly": Meaning(
        _("Monthly active users"),
        "number",
        "up",
        _(
            "MAU: distinct users who sent a message on the last day of the period or on the 29 days"
            " before, each identity counted once."
        ),
    ),
    "stickiness": Meaning(
        _("Stickiness"),
        "percent",
        "up",
        _(
            "DAU / MAU: the share of a month's users who are active on an average day. The month is"
            " the 30 days that end with the period."
        ),
    ),
    "sessions": Meaning(
        _("Sessions"),
        "number",
        "up",
        _(
            "Sessions that users started in the period. A session is a series of messages without a"
            " gap longer than the agent's session timeout, or all messages with one session ID."
        ),
    ),
    "length": Meaning(
        _("Average session length"),
        "duration",
        "",
        _(
            "The time from a session's first message to its last, averaged over the sessions that"
            " started in the period."
        ),
    ),
    "per_session": Meaning(
        _("Sent messages per session"),
        "decimal",
        "",
        _("Messages that users sent in the period, divided by its sessions."),
    ),
    "chat": Meaning(
        _("Chat messages"),
        "number",
        "up",
        _("Messages of users and of the agent."),
    ),
    "sent": Meaning(_("Sent messages"), "number", "up", _("Messages that users sent.")),
    "cost": Meaning(
        _("Cost"),
        "money",
        "",
        _(
            "The cost of serving users in the period. Usage without a known price is counted"
            " separately, never as $0."
        ),
    ),
    "cost_per_user": Meaning(
        _("Cost per active user"),
        "money",
        "down",
        _("The cost of the period, divided by its active users."),
    ),
    "unpriced": Meaning(
        _("Unpriced messages"),
        "number",
        "down",
        _(
            "Messages with a model or tokens but without a price: the model has none, or one of the"
            " two was not reported. Messages that report neither are not counted."
        ),
    ),
    "refused": Meaning(
        _("Refused messages"),
        "number",
        "down",
        _(
            "Messages that were refused because the user was blocked, was over a limit, or had no"
            " access."
        ),
    ),
    "failed": Meaning(
        _("Failed answers"),
        "number",
        "down",
        _("Answers of the agent that failed or ended with an error."),
    ),
}
"""By key, in the order of the page."""
