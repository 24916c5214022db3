"""Forgetting on time: what has outlived its purpose is erased, per brand and kind."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from csbot import conf, sealing
from csbot.models import Attachment, Brand, Conversation, ProofCount, Receipt, Trace, VerificationCode

BATCH = 500


def forget_expired() -> dict[str, int]:
    """Erases what is past its time, at most a batch of each kind; how many of each. Call it until nothing is left."""
    now = timezone.now()
    erased = {
        "sealed values": sealing.forget_expired(),
        "codes": VerificationCode.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()[0],
        "proof counts": _erase(ProofCount.objects.filter(until__lt=now)),
        "receipts": _erase(Receipt.objects.filter(at__lt=now - timedelta(days=max(30, conf.RECEIPT_DAYS())))),
        "traces": 0,
        "conversations": 0,
    }
    for brand in Brand.objects.all():
        old_trace = now - timedelta(days=brand.trace_retention_days)
        erased["traces"] += _erase(Trace.objects.filter(turn__conversation__brand=brand, at__lt=old_trace))
        old = Conversation.objects.filter(
            brand=brand,
            status=Conversation.Status.CLOSED,
            closed_at__lt=now - timedelta(days=brand.retention_days),
        )
        for conversation in old[:BATCH]:
            erase(conversation)
            erased["conversations"] += 1
    return erased


def erase(conversation: Conversation) -> None:
    """Removes a conversation with everything said in it, and the files it held."""
    held = Attachment.objects.filter(conversation=conversation)
    files = [(row.file.storage, row.file.name) for row in held if row.file.name]
    conversation.delete()
    for storage, name in files:
        storage.delete(name)


def _erase(rows: QuerySet[Any]) -> int:
    return int(rows.model.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[:BATCH])).delete()[0])
