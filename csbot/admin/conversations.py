"""Conversations, to be read: what was said, and how the bot decided each turn."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from csbot.admin.fields import language_label
from csbot.admin.look import Styled
from csbot.admin.scoping import CONTENT, BrandFilter, OfBrand
from csbot.desk.words import words
from csbot.handoff.sentences import in_language
from csbot.handoff.summary import names_in
from csbot.models import Conversation, Entry, Trace
from csbot.values import localised

SHOWN = 1000
KINDS = {
    Entry.Kind.MESSAGE: _("message"),
    Entry.Kind.TRANSCRIPT: _("transcript"),
    Entry.Kind.STATUS: _("status"),
    Entry.Kind.NOTE: _("note"),
    Entry.Kind.HEARD: _("heard"),
    Entry.Kind.EDIT: _("edit"),
    Entry.Kind.READ: _("read mark"),
    Entry.Kind.RATING: _("rating"),
    Entry.Kind.HAPPENING: _("happening"),
}
ASSURANCE = {
    "anonymous": _("not verified"),
    "claimed": _("claimed"),
    "verified": _("verified"),
}
SENDERS = {
    Entry.Sender.CUSTOMER: _("customer"),
    Entry.Sender.BOT: _("bot"),
    Entry.Sender.AGENT: _("agent"),
    Entry.Sender.SYSTEM: _("system"),
}


@admin.register(Conversation)
class ConversationAdmin(Styled, OfBrand):
    """Read-only: the transcript with each turn's trace under the answer it gave."""

    readers = (CONTENT,)
    change_form_template = "csbot/admin/conversation.html"
    list_display = (
        "contact",
        "inbox",
        "status",
        "holder",
        "agent",
        "language",
        "topic",
        "mood",
        "outcome",
        "rating",
        "updated_at",
    )
    list_filter = (BrandFilter, "status", "holder", "inbox", "outcome", "rating", "language", "topic")
    list_select_related = ("contact", "inbox", "agent")
    search_fields = ("contact__name", "entries__text")
    search_help_text = _("Looks in names and in what was said.")
    date_hierarchy = "opened_at"
    ordering = ("-updated_at",)
    list_per_page = 50
    fields = ("contact",)

    @admin.display(description=_("sentiment"), ordering="sentiment")
    def mood(self, conversation: Conversation) -> str:
        return f"{conversation.sentiment:+.2f}" if conversation.sentiment else "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        conversation = self.get_object(request, object_id)
        more = extra_context
        if conversation is not None:
            more = {
                "lines": lines(conversation),
                "language": language_label(conversation.language),
                "assurance": ASSURANCE.get(conversation.assurance, conversation.assurance),
                **(extra_context or {}),
            }
        return super().change_view(request, object_id, form_url, more)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        rows: QuerySet[Conversation] = super().get_queryset(request)
        return rows.select_related("contact", "inbox", "agent", "bot", "brand")


def lines(conversation: Conversation) -> list[dict[str, Any]]:
    """The entries in order, each with what an admin reads of it; a turn's trace stands at its last batch entry."""
    traces = {
        trace.turn.through_seq: trace
        for trace in Trace.objects.filter(turn__conversation=conversation).select_related("turn")
    }
    found = []
    said = words()
    language = (get_language() or "en").partition("-")[0]
    names = names_in(conversation, language)
    for entry in conversation.entries.order_by("seq")[:SHOWN]:
        trace = traces.get(entry.seq)
        found.append(
            {
                "entry": entry,
                "tone": _tone(entry),
                "who": _who(entry, conversation),
                "kind": KINDS[Entry.Kind(entry.kind)],
                "text": entry.text or _status(entry, said) or _fact(entry),
                "data": entry.data,
                "trace": trace,
                "decided": in_language(trace.summary, language, names=names) if trace else "",
                "stages": [_stage(stage) for stage in trace.stages] if trace else [],
            }
        )
    return found


def _who(entry: Entry, conversation: Conversation) -> str:
    if entry.sender == Entry.Sender.CUSTOMER:
        return entry.author_name or str(conversation.contact)
    return entry.author_name or str(SENDERS[Entry.Sender(entry.sender)])


def _status(entry: Entry, said: dict[str, str]) -> str:
    """A status in the words of the staff page; "" for what has none there."""
    if entry.kind != Entry.Kind.STATUS:
        return ""
    told = said.get(f"s_{entry.data.get('status')}", "")
    queue = localised(entry.data.get("queue") or "", (get_language() or "en").partition("-")[0])
    values = {"queue": queue, "name": entry.data.get("agent") or "", "email": entry.data.get("email") or ""}
    for name, value in values.items():
        told = told.replace(f"{{{name}}}", str(value))
    return told


def _tone(entry: Entry) -> str:
    if entry.kind == Entry.Kind.NOTE:
        return "note"
    if entry.kind in (Entry.Kind.MESSAGE, Entry.Kind.TRANSCRIPT):
        return str(entry.sender)
    return "status" if entry.kind == Entry.Kind.STATUS else "fact"


def _fact(entry: Entry) -> str:
    """An entry without text, as its data in one line."""
    parts = []
    for key, value in entry.data.items():
        if key in ("buttons", "sources", "attachments") or value in (None, "", [], {}):
            continue
        parts.append(
            f"{key}: {value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)}"
        )
    return " · ".join(parts)


def _stage(stage: dict[str, Any]) -> dict[str, Any]:
    finding = {key: value for key, value in stage.items() if key not in ("stage", "ms")}
    return {
        "name": stage.get("stage", ""),
        "ms": stage.get("ms"),
        "finding": "\n".join(
            f"{key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
            for key, value in finding.items()
        ),
    }
