"""Tries at a proof, counted in the database: per thing that is to be proven and per contact, within a window.

A new conversation, another browser or a second process gets no more of them. A try is taken before anything is
compared, so that of many at once no more than the limit are; one that succeeds is given back.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from csbot import conf
from csbot.models import Brand, ProofCount

LIMIT = 3


@dataclass(frozen=True, slots=True)
class Tries:
    """The counts that one try is taken from. `keys` are in a fixed order, in which the rows are locked."""

    brand: str
    keys: tuple[str, ...]

    @classmethod
    def at(cls, brand: str, contact: int, what: str, arguments: Mapping[str, Any]) -> "Tries":
        """Those of `what` ("proof", "code") about the thing that `arguments` name, asked by `contact`."""
        named = {name: _bare(value) for name, value in arguments.items() if value is not None}
        thing = json.dumps(named, sort_keys=True, cls=DjangoJSONEncoder, ensure_ascii=False)
        about = [f"{what}/thing/{thing}"] if named else []
        return cls(brand, tuple(_keyed(brand, each) for each in (*about, f"{what}/contact/{contact}")))

    def left(self) -> int:
        """How many there are now."""
        counts = ProofCount.objects.filter(brand__key=self.brand, about__in=self.keys, until__gt=timezone.now())
        return max(0, LIMIT - max(counts.values_list("tries", flat=True), default=0))

    def take(self) -> bool:
        """Takes one from each count, or none when one of them is used up."""
        try:
            with transaction.atomic():
                for key in self.keys:
                    if not self._take(key):
                        raise _UsedUp
        except _UsedUp:
            return False
        return True

    def give_back(self) -> None:
        """What was proven was no guess."""
        for key in self.keys:
            ProofCount.objects.filter(brand__key=self.brand, about=key, tries__gt=0).update(tries=F("tries") - 1)

    def _take(self, key: str) -> bool:
        now = timezone.now()
        until = now + timedelta(seconds=conf.PROOF_SECONDS())
        row = ProofCount.objects.filter(brand__key=self.brand, about=key)
        for _attempt in range(2):
            if row.filter(until__lte=now).update(tries=1, until=until):
                return True
            if row.filter(tries__lt=LIMIT).update(tries=F("tries") + 1):
                return True
            if row.exists():
                return False
            try:
                with transaction.atomic():
                    ProofCount.objects.create(brand=Brand.objects.get(key=self.brand), about=key, tries=1, until=until)
                return True
            except IntegrityError:  # another conversation made the row at the same moment
                continue
        return False


class _UsedUp(Exception):
    """Rolls back what the other counts gave."""


def _bare(value: Any) -> Any:
    """The same thing written otherwise is the same thing."""
    return "".join(value.split()).casefold() if isinstance(value, str) else value


def _keyed(brand: str, about: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"csbot tries {brand}/{about}".encode(), hashlib.sha256).hexdigest()
