"""The measures: each with its name, its definition in one sentence, and which conversations it counts.

A number and the list behind it come from the same filter, so a drill-down always has as many rows as the number says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from csbot.models import Conversation, Handoff

CLOSED = Q(status=Conversation.Status.CLOSED)
HANDED = Exists(Handoff.objects.filter(conversation=OuterRef("pk")))


@dataclass(frozen=True, slots=True)
class Measure:
    """A count of conversations. `of` names the measure it is a share of, "" for none."""

    key: str
    name: Any
    definition: Any
    counts: Callable[[], Any]
    of: str = ""


MEASURES = {
    measure.key: measure
    for measure in (
        Measure(
            "conversations",
            _("Conversations"),
            _("Opened in these days, and the customer said something. A visitor who was only greeted is not counted."),
            lambda: Q(),
        ),
        Measure(
            "closed",
            _("Closed"),
            _("Conversations that have ended. Shares are of these: one that goes on is neither success nor failure."),
            lambda: CLOSED,
            of="conversations",
        ),
        Measure(
            "contained",
            _("Contained"),
            _("Closed conversations that never went to a person, to a queue or into a ticket."),
            lambda: CLOSED & Q(outcome=Conversation.Outcome.CONTAINED),
            of="closed",
        ),
        Measure(
            "handed_off",
            _("Handed off"),
            _("Conversations that entered a queue or were taken by a person at least once, whatever came of it."),
            lambda: Q(HANDED),
            of="conversations",
        ),
        Measure(
            "tickets",
            _("Became a ticket"),
            _("Closed conversations that nobody could take in time and that left an e-mail address for the answer."),
            lambda: CLOSED & Q(outcome=Conversation.Outcome.TICKET),
            of="closed",
        ),
        Measure(
            "abandoned",
            _("Left while waiting"),
            _("Closed conversations that entered a queue, and ended before anybody took them."),
            lambda: CLOSED & Q(outcome=Conversation.Outcome.ABANDONED) & Q(HANDED),
            of="closed",
        ),
        Measure(
            "rated",
            _("Rated"),
            _("Conversations to which the customer gave a rating, from 1 to 5."),
            lambda: Q(rating__isnull=False),
            of="conversations",
        ),
        Measure(
            "satisfied",
            _("Satisfied"),
            _("Rated conversations with a 4 or a 5."),
            lambda: Q(rating__gte=4),
            of="rated",
        ),
    )
}
