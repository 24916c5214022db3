"""The signed link in an e-mail that opens its conversation again: only in that mailbox, and for two weeks."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing

from csbot import conf
from csbot.addresses import address
from csbot.models import Conversation

SALT = "csbot.handoff.link"
LIFETIME = timedelta(days=14)


class LinkRefused(Exception):
    """The link opens nothing. `code` is "expired" or "invalid"."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The link is {code}.")
        self.code = code


@dataclass(frozen=True, slots=True)
class Resume:
    """What a good link proves: this conversation, opened from the mailbox `email`."""

    conversation: UUID
    email: str


def sign(conversation: UUID, email: str) -> str:
    """A URL-safe token that opens `conversation`; it is sent to `email` and nowhere else."""
    return signing.dumps({"c": conversation.hex, "e": email.strip().lower()}, salt=SALT)


def verify(token: str) -> Resume:
    """What `token` opens. Raises `LinkRefused`."""
    try:
        data = signing.loads(token, salt=SALT, max_age=LIFETIME)
        return Resume(UUID(data["c"]), str(data["e"]))
    except signing.SignatureExpired:
        raise LinkRefused("expired") from None
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise LinkRefused("invalid") from None


def url(conversation: Conversation, email: str) -> str:
    """The absolute address that an e-mail carries, "" when the site serves no chat page."""
    path = address("csbot_chat", conversation.inbox.key) or f"/csbot/chat/{conversation.inbox.key}/"
    return f"{conf.SITE_URL().rstrip('/')}{path}?resume={sign(conversation.pk, email)}"
