"""The records of conversations and of what surrounds them, one file per subject."""

from csbot.models.brands import Bot, Brand, Inbox, Membership, Wording
from csbot.models.contacts import Address, Contact
from csbot.models.conversations import Attachment, Conversation, Entry, Receipt
from csbot.models.deliveries import Delivery
from csbot.models.flows import Flow, Intent, IntentExample, TrainedModel, TrainingRun
from csbot.models.handoff import AgentPresence, Handoff, Holiday, OpeningHours, Queue, Ticket
from csbot.models.proofs import ProofCount
from csbot.models.turns import ActionRun, SealedValue, Timer, Trace, Turn, VerificationCode
from csbot.models.wordings import PackWording

__all__ = [
    "ActionRun",
    "Address",
    "AgentPresence",
    "Attachment",
    "Bot",
    "Brand",
    "Contact",
    "Conversation",
    "Delivery",
    "Entry",
    "Flow",
    "Handoff",
    "Holiday",
    "Inbox",
    "Intent",
    "IntentExample",
    "Membership",
    "OpeningHours",
    "PackWording",
    "ProofCount",
    "Queue",
    "Receipt",
    "SealedValue",
    "Ticket",
    "Timer",
    "Trace",
    "TrainedModel",
    "TrainingRun",
    "Turn",
    "VerificationCode",
    "Wording",
]
