"""How long a session may take, and when one may start."""

from django.utils.translation import gettext_lazy

from sessions.rules.settings.declaration import Group, Rule, Setting

TIME = Group(
    "time",
    gettext_lazy("Time (UTC)"),
    gettext_lazy("How long a session may take and when sessions may start."),
    (
        Setting(
            name="time_limit",
            help=gettext_lazy("In seconds; empty = no limit. Students with more time get theirs."),
            rules=(
                Rule(
                    "sessions_time_limit_at_least_30_s",
                    gettext_lazy("The time limit must be at least 30 seconds, or empty."),
                ),
            ),
        ),
        Setting(name="window_start", help=gettext_lazy("Empty = at once.")),
        Setting(
            name="window_end",
            help=gettext_lazy("Empty = never; running sessions end then."),
            rules=(
                Rule(
                    "sessions_window_ordered", gettext_lazy("The test must open before it closes.")
                ),
            ),
        ),
    ),
)
