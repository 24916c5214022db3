"""The outbox: what must reach somebody outside this site, at least once and in order per conversation.

Whoever queues a delivery does so in the transaction that decided it. Any number of processes may work the outbox
off: a delivery is claimed by a conditional update whose lease lets another process try again after a crash. Within
one conversation and kind, nothing overtakes the first that is not sent yet; what is given up stands as a dead
letter in the admin, from where it is sent again.
"""

import logging
import random
import smtplib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.core.mail.utils import DNS_NAME
from django.db import close_old_connections, connection
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from csbot.models import Conversation, Delivery

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
ATTEMPTS = 10  # the last comes about an hour and a half after the first


class DeliveryError(Exception):
    """What was sent did not arrive; `permanent` when trying again cannot help."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


Send = Callable[[Delivery], None]  # returns when the other side has accepted; raises DeliveryError


def queue_email(conversation: Conversation, to: str, subject: str, body: str, *, reply_to: str = "") -> Delivery:
    """An e-mail that goes out once the surrounding transaction has committed."""
    payload = {"subject": " ".join(subject.split()), "body": body}
    if reply_to:
        payload["reply_to"] = reply_to
    return Delivery.objects.create(
        conversation=conversation,
        kind=Delivery.Kind.EMAIL,
        recipient=to,
        payload=payload,
        next_at=timezone.now(),
    )


def send_email(delivery: Delivery) -> None:
    """Sends through Django's e-mail backend. A repeat carries the same Message-ID, so mailboxes can tell."""
    payload = delivery.payload
    message = EmailMessage(
        subject=payload["subject"],
        body=payload["body"],
        to=[delivery.recipient],
        reply_to=[payload["reply_to"]] if payload.get("reply_to") else None,
        headers={"Message-ID": f"<csbot.{delivery.pk}.{delivery.conversation_id}@{DNS_NAME}>"},
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        raise DeliveryError(str(error), permanent=all(code >= 500 for code in codes)) from error
    except smtplib.SMTPAuthenticationError as error:  # our configuration, not this message: it can be put right
        raise DeliveryError(str(error)) from error
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(str(error), permanent=error.smtp_code >= 500) from error
    except OSError as error:  # smtplib's other errors too
        raise DeliveryError(f"{type(error).__name__}: {error}") from error
    except ValueError as error:  # an address or a subject that no header can hold
        raise DeliveryError(str(error), permanent=True) from error


senders: dict[str, Send] = {Delivery.Kind.EMAIL: send_email}


def register(kind: str, send: Send) -> None:
    """Names who sends deliveries of `kind`; channels do so when their app is ready."""
    senders[kind] = send


def due(now: datetime | None = None) -> QuerySet[Delivery]:
    """What may be sent now: the first unsent of each conversation and kind, when its time has come."""
    earlier = Delivery.objects.filter(
        conversation=OuterRef("conversation"),
        kind=OuterRef("kind"),
        status=Delivery.Status.PENDING,
        pk__lt=OuterRef("pk"),
    )
    return Delivery.objects.filter(
        ~Exists(earlier), status=Delivery.Status.PENDING, next_at__lte=now or timezone.now(), kind__in=list(senders)
    ).order_by("next_at", "pk")


def deliver_due(limit: int = 50, now: datetime | None = None) -> int:
    """Sends what is due, up to `limit`; how many arrived. Call it outside any transaction."""
    sent = 0
    for _round in range(limit):
        delivery = _claim(now or timezone.now())
        if delivery is None:
            break
        sent += _attempt(delivery, now)
    return sent


def replay(deliveries: QuerySet[Delivery]) -> int:
    """Puts dead letters back into the outbox, to be tried at once with all their attempts; how many."""
    return deliveries.filter(status=Delivery.Status.DEAD).update(
        status=Delivery.Status.PENDING, attempts=0, next_at=timezone.now(), error=""
    )


def _claim(now: datetime) -> Delivery | None:
    for candidate in due(now)[:5]:
        mine = Delivery.objects.filter(
            pk=candidate.pk, status=Delivery.Status.PENDING, next_at=candidate.next_at, attempts=candidate.attempts
        ).update(attempts=F("attempts") + 1, next_at=now + LEASE)
        if mine:
            candidate.attempts += 1
            candidate.next_at = now + LEASE
            return candidate
    return None


def _attempt(delivery: Delivery, now: datetime | None) -> bool:
    mine = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.PENDING, attempts=delivery.attempts)
    try:
        senders[delivery.kind](delivery)
    except DeliveryError as error:
        if error.permanent or delivery.attempts >= ATTEMPTS:
            logger.error("Delivery %s of %s is given up: %s", delivery.pk, delivery.conversation_id, error)
            mine.update(status=Delivery.Status.DEAD, error=str(error)[:2000])
        else:
            mine.update(error=str(error)[:2000], next_at=(now or timezone.now()) + pause(delivery.attempts))
        return False
    except Exception as error:  # a sender's own mistake: logged, and tried again like any other failure
        logger.exception("Sending delivery %s of %s broke.", delivery.pk, delivery.conversation_id)
        status = Delivery.Status.DEAD if delivery.attempts >= ATTEMPTS else Delivery.Status.PENDING
        mine.update(
            status=status,
            error=f"{type(error).__name__}: {error}"[:2000],
            next_at=(now or timezone.now()) + pause(delivery.attempts),
        )
        return False
    mine.update(status=Delivery.Status.SENT, sent_at=now or timezone.now(), error="")
    return True


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, an hour at most, with a quarter of jitter either way."""
    wait: timedelta = min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY)
    return wait * random.uniform(0.75, 1.25)  # noqa: S311  # spreads retries; nothing depends on its secrecy


class Background:
    """Works the outbox off on a thread of its own, so that a slow mail server keeps nobody else waiting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> bool:
        """Starts the thread when something is due and none is at it; whether it was started."""
        if not due().exists():
            return False
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return False
            self._thread = threading.Thread(target=self._run, name="csbot-outbox", daemon=True)
            self._thread.start()
            return True

    def join(self, timeout: float | None = None) -> None:
        """Waits until what was begun is done."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _run(self) -> None:
        try:
            close_old_connections()
            deliver_due()
        except Exception:  # the database is away: the next wake tries again
            logger.warning("The outbox could not be worked off; the next sweep tries again.", exc_info=True)
        finally:
            connection.close()


background = Background()


def send_due() -> int:
    """The sweeper's call: begins to send what is due and returns at once; 1 when there was something to begin."""
    return int(background.wake())
