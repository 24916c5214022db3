"""The journal of business actions: once per turn, step and arguments, whatever dies in between."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from csbot.models import ActionRun, Turn


class Superseded(Exception):
    """The turn lost its fence: a newer message, a person or another worker has the conversation now."""


class TurnJournal:
    """`csbot.dialogue.turn.Journal` for one claimed turn.

    A row is `started` before the business is called and `done` with its result after. A re-run replays what is
    done, and repeats what was only started under the same idempotency key, by which the business recognises it.
    """

    def __init__(self, conversation: UUID, turn: int, number: int, fence: int) -> None:
        self._conversation = conversation
        self._turn = turn
        self._number = number
        self._fence = fence

    def run(self, step: str, action: str, arguments: Mapping[str, Any], call: Callable[[str], Any]) -> Any:
        """The JSON-able result of `call(idempotency_key)`, from the journal when this step was done before."""
        row = self._start(step, action, arguments)
        if row.status == ActionRun.Status.DONE:
            return row.result
        try:
            result = call(row.idempotency_key)
        except Exception as error:
            ActionRun.objects.filter(pk=row.pk).update(
                status=ActionRun.Status.FAILED, error=f"{type(error).__name__}: {error}"[:2000], ended_at=timezone.now()
            )
            raise
        row.status, row.result, row.ended_at, row.error = ActionRun.Status.DONE, result, timezone.now(), ""
        row.save(update_fields=["status", "result", "ended_at", "error"])
        return result

    def _start(self, step: str, action: str, arguments: Mapping[str, Any]) -> ActionRun:
        canonical = json.dumps(arguments, sort_keys=True, cls=DjangoJSONEncoder, ensure_ascii=False)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        key = hashlib.sha256(f"{self._conversation}/{self._number}/{step}/{digest}".encode()).hexdigest()
        with transaction.atomic():
            # From here on a newer message starts the next turn instead of superseding this one.
            mine = Turn.objects.filter(pk=self._turn, fence=self._fence, status=Turn.Status.RUNNING).update(acted=True)
            if not mine:
                raise Superseded(f"Turn {self._number} was superseded before {action}.")
            row, _created = ActionRun.objects.get_or_create(
                conversation_id=self._conversation,
                turn_number=self._number,
                step=step,
                arguments_hash=digest,
                defaults={"action": action, "idempotency_key": key},
            )
        return row
