"""What each figure is."""

from frontdesk.analytics.blocks.figure import Meaning

_ERASED = " What erased users did stays counted."

MEANINGS = {
    "users": Meaning(
        "Active users",
        "number",
        "up",
        "Different users who sent a message in the period, each counted once." + _ERASED,
    ),
    "new": Meaning(
        "New users",
        "number",
        "up",
        "Users whose first message was sent in the period." + _ERASED,
    ),
    "daily": Meaning(
        "Daily active users",
        "decimal",
        "up",
        "DAU: the users who sent a message on a day, averaged over all days of the period.",
    ),
    "weekly": Meaning(
        "Weekly active users",
        "number",
        "up",
        "WAU: different users who sent a message on the period's last day or the six days before.",
    ),
    "monthly": Meaning(
        "Monthly active users",
        "number",
        "up",
        "MAU: different users who sent a message on the period's last day or the 29 days before.",
    ),
    "stickiness": Meaning(
        "Stickiness",
        "percent",
        "up",
        "DAU / MAU: how many of a month's users are there on an average day of it; the month is"
        " the 30 days that end with the period.",
    ),
    "sessions": Meaning(
        "Sessions",
        "number",
        "up",
        "Dialogues that users began in the period: messages with no gap longer than the agent's"
        " session timeout, or all under one session id.",
    ),
    "length": Meaning(
        "Average session length",
        "duration",
        "",
        "From a session's first message to its last, averaged over the sessions that were begun in"
        " the period.",
    ),
    "per_session": Meaning(
        "Sent messages per session",
        "decimal",
        "",
        "Messages that users sent in the period, divided by its sessions.",
    ),
    "chat": Meaning(
        "Chat messages",
        "number",
        "up",
        "Messages of the correspondence: the users' and the agent's.",
    ),
    "sent": Meaning("Sent messages", "number", "up", "Messages that users sent."),
    "cost": Meaning(
        "Cost",
        "money",
        "",
        "What serving users cost in the period. Usage whose price is not known is counted apart,"
        " never as $0.",
    ),
    "cost_per_user": Meaning(
        "Cost per active user",
        "money",
        "down",
        "The period's cost divided by its active users.",
    ),
    "unpriced": Meaning(
        "Unpriced messages",
        "number",
        "down",
        "Messages with usage whose price is not known: their model has none, or was not told.",
    ),
    "refused": Meaning(
        "Refused messages",
        "number",
        "down",
        "Messages that were not let in: of blocked users, over a limit, or without access.",
    ),
    "failed": Meaning(
        "Failed answers",
        "number",
        "down",
        "Answers of the agent's that failed, or ended with an error.",
    ),
}
"""By key, in the order of the page."""
