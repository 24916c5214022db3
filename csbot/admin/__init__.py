"""csbot in Django's admin: brand by brand, for whoever holds a role there."""

from csbot.admin.bots import BotAdmin, FlowAdmin, IntentAdmin
from csbot.admin.brands import BrandAdmin, InboxAdmin
from csbot.admin.contacts import ContactAdmin
from csbot.admin.conversations import ConversationAdmin
from csbot.admin.deliveries import DeliveryAdmin
from csbot.admin.handoff import HandoffAdmin, QueueAdmin, TicketAdmin
from csbot.admin.wordings import WordingAdmin

__all__ = [
    "BotAdmin",
    "BrandAdmin",
    "ContactAdmin",
    "ConversationAdmin",
    "DeliveryAdmin",
    "FlowAdmin",
    "HandoffAdmin",
    "InboxAdmin",
    "IntentAdmin",
    "QueueAdmin",
    "TicketAdmin",
    "WordingAdmin",
]
