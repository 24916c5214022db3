"""What csbot's admin pages share to look at: their style sheet, badges, and how long something has waited."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# The context of a form in which nothing can be changed: buttons that would save nothing are left out.
READ_ONLY = {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}


class Styled:
    """Mixed into an admin page: csbot's style sheet."""

    class Media:
        css = {"all": ("csbot/admin/admin.css",)}  # noqa: RUF012  # Django reads it so


def badge(text: str, tone: str = "") -> SafeString:
    """A small label; tones are good, warn and bad."""
    return format_html('<span class="csbot-badge csbot-{}">{}</span>', tone or "plain", text)


def age(since: datetime | None, late: timedelta | None = None) -> SafeString | str:
    """How long ago, in the largest whole unit; marked where it is over `late`."""
    if since is None:
        return "—"
    passed = timezone.now() - since
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        text = _("under a minute")
    elif minutes < 60:
        text = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    elif minutes < 48 * 60:
        text = ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}
    else:
        text = ngettext("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}
    return format_html('<span class="csbot-late">{}</span>', text) if late is not None and passed > late else text
