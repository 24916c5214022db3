"""Collections: sets of articles that bots read, and the revision that tells every process of a change."""

import time
import uuid

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from kb.errors import UnknownCollectionError


class Collection(models.Model):
    """A set of articles. `revision` is raised inside the transaction of every change to what a search may find."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(_("key"), max_length=60, unique=True, help_text=_("Bots name the collection by this key."))
    name = models.CharField(_("name"), max_length=120)
    revision = models.BigIntegerField(_("revision"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def by_key(cls, key: str) -> "Collection":
        """The collection, or `UnknownCollectionError`."""
        try:
            return cls.objects.get(key=key)
        except cls.DoesNotExist:
            raise UnknownCollectionError(key) from None


def raise_revision(collection_id: uuid.UUID) -> int:
    """Raises the collection's revision and returns it; the row stays locked until the surrounding transaction ends,
    so changes to one collection become visible in the order of their revisions.

    Revisions come from the clock, so that one handed out in a transaction that was rolled back is never used again:
    an index that saw it notices.
    """
    now = time.time_ns() // 1000
    rows = Collection.objects.filter(pk=collection_id)
    rows.update(revision=Greatest(F("revision") + 1, Value(now)))
    revision: int = rows.values_list("revision", flat=True).get()
    return revision
