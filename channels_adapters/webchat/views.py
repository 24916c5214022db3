"""What the widget asks over HTTP: a session, a place for a file, the file itself, and the chat as a page."""

import json
import math
import time
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from channels_adapters import conf
from channels_adapters.webchat import protocol, tokens, visits
from channels_adapters.webchat.cors import from_allowed_origin, refused
from channels_adapters.webchat.limits import Window
from channels_adapters.webchat.origins import is_own
from channels_adapters.webchat.wording import choose, interface
from csbot import attachments, conversations
from csbot import conf as core_conf
from csbot.handoff import links, rights
from csbot.messages import Vouched
from csbot.models import Attachment, Conversation, Inbox

SESSION_BYTES = 16 * 1024
uploads_of = Window(20, 60.0)


@from_allowed_origin
def session(request: HttpRequest, inbox: Inbox, origin: str) -> HttpResponse:
    """A socket token, the inbox's look and the interface's words, for the visitor whose secret the body holds.

    Body: {"visitor", "language", "vouch", "resume"}, each optional. `visitor` in the answer is a secret to keep
    instead of the one sent. Whom nobody vouches for is anonymous, and `warning` says why a token was not believed.
    """
    body = _body(request)
    if body is None:
        return refused("not_json", "The body is one JSON object of at most 16 KiB.", 400)
    language = choose(body["language"], inbox.bot.languages)
    secret, fresh = body["visitor"], False
    if not tokens.SECRET.fullmatch(secret):
        secret, fresh = tokens.new_secret(), True
    vouched, warning = _vouched(request, inbox, origin, body["vouch"])
    sender = tokens.sender_of(inbox.key, secret)
    if vouched is not None:
        user = tokens.sender_for(inbox.key, vouched.subject)
        if not fresh and visits.adopt(inbox.key, sender, user):
            secret, fresh = tokens.new_secret(), True
        sender = user
    if body["resume"]:
        try:
            resumed = links.verify(body["resume"])
        except links.LinkRefused as refusal:
            warning = f"The link to the conversation is {refusal.code}."
        else:
            thread = Conversation.objects.filter(pk=resumed.conversation, inbox=inbox).values_list(
                "thread_key", flat=True
            )
            sender, vouched = thread.first() or sender, None
    visit = tokens.Pass(inbox.key, sender, origin, vouched)
    return JsonResponse(
        {
            "token": tokens.issue(visit),
            "expires_in": conf.WEBCHAT_TOKEN_SECONDS(),
            **({"visitor": secret} if fresh else {}),
            **({"warning": warning} if warning else {}),
            # Names this visitor's own memory in the browser; nothing can be done with it.
            "you": sender[:14],
            "open": visits.ready(inbox.key, sender)["status"] == "open",
            "v": protocol.VERSION,
            "socket": f"/csbot/ws/{inbox.key}/",
            "upload": reverse("csbot_webchat_upload", args=[inbox.key]),
            "language": language,
            "languages": [each for each in inbox.bot.languages if choose(each, []) == each],
            "wording": interface(language),
            "inbox": {
                "name": inbox.brand.name,
                "bot": inbox.bot.name,
                "colour": inbox.colour,
                "side": inbox.side,
                "logo": reverse("csbot_webchat_logo", args=[inbox.key]) if inbox.logo else "",
            },
            "limits": {
                "text": core_conf.MESSAGE_CHARACTERS(),
                "file": core_conf.ATTACHMENT_BYTES(),
                "files": protocol.ATTACHMENTS,
                "types": list(attachments.SUFFIXES),
            },
        }
    )


@from_allowed_origin
def upload(request: HttpRequest, inbox: Inbox, origin: str) -> HttpResponse:
    """Keeps one file (multipart field `file`) for the visitor's conversation; a message then names it by its id."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        visit = tokens.read(token if scheme == "Bearer" else "", inbox=inbox.key, origin=origin)
    except tokens.TokenError as problem:
        return refused("token", str(problem), 401)
    wait = uploads_of.wait(visit.sender, time.monotonic())
    if wait:
        response = refused("rate", "Too many files at once.", 429)
        response["Retry-After"] = str(math.ceil(wait))
        return response
    # Before the body is read: a multipart body is the file and a little around it.
    if int(request.headers.get("Content-Length") or 0) > core_conf.ATTACHMENT_BYTES() + 64 * 1024:
        return refused("file_too_large", f"{core_conf.ATTACHMENT_BYTES()} bytes at most are accepted.", 413)
    sent = request.FILES.get("file")
    if sent is None:
        return refused("no_file", "Send one file in the multipart field “file”.", 400)
    conversation = conversations.open(
        inbox.key, visit.sender, language=request.POST.get("language", "")[:2], vouched=visit.vouched, greet=False
    )
    try:
        kept = attachments.store_upload(conversation.pk, sent, sent.name or "")
    except attachments.AttachmentRefused as refusal:
        return refused(refusal.code, str(refusal), 413 if refusal.code == "file_too_large" else 415)
    return JsonResponse(
        {
            "id": kept.id,
            "name": kept.name,
            "content_type": kept.content_type,
            "size": kept.size,
            "url": visits.file_url(kept.id),
        },
        status=201,
    )


@require_safe
def file(request: HttpRequest, attachment: UUID) -> HttpResponse:
    """One attachment, for whoever holds a live link to it and for staff who may read its conversation."""
    row = get_object_or_404(Attachment.objects.select_related("conversation"), pk=attachment)
    if not (tokens.opens_file(str(row.pk), request.GET.get("t", "")) or rights.may_see(request.user, row.conversation)):
        raise Http404("There is no such file, or it is not for you.")
    return attachments.file_response(row)


@require_safe
def logo(request: HttpRequest, inbox: str) -> HttpResponse:
    """The inbox's logo, which is for everyone; only when it is an image of the types that files may have."""
    row = get_object_or_404(Inbox, key=inbox, channel="webchat")
    data = b""
    if row.logo:
        with row.logo.open("rb") as stored:
            data = stored.read()
    kind = attachments.sniff(data) or ""
    if not kind.startswith("image/"):
        raise Http404("This inbox has no logo.")
    response = HttpResponse(data, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def page(request: HttpRequest, inbox: str) -> HttpResponse:
    """The chat as a page of its own, for links in e-mails and for sites without the widget."""
    row = get_object_or_404(Inbox.objects.select_related("bot", "brand"), key=inbox, channel="webchat")
    language = choose(request.GET.get("lang", "") or get_language() or "", row.bot.languages)
    context = {
        "inbox": row,
        "language": language,
        "resume": request.GET.get("resume", ""),
        "words": interface(language),
    }
    response = render(request, "channels_adapters/webchat/plain.html", context)
    response["Referrer-Policy"] = "no-referrer"  # the address may carry a link's token
    return response


def _body(request: HttpRequest) -> dict[str, str] | None:
    try:
        if len(request.body) > SESSION_BYTES:
            return None
        data: Any = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    keys = ("visitor", "language", "vouch", "resume")
    return {key: data[key] if isinstance(data.get(key), str) else "" for key in keys}


def _vouched(request: HttpRequest, inbox: Inbox, origin: str, token: str) -> tuple[Vouched | None, str]:
    """Who vouches for the visitor: the embedding site by its token, or this site's own log-in on its own pages."""
    if token:
        try:
            return tokens.read_vouch(inbox.vouching_secret, token), ""
        except tokens.TokenError as problem:
            return None, str(problem)
    user = request.user
    if user.is_authenticated and is_own(origin, request.get_host()) and _same_scheme(request, origin):
        name = user.get_full_name() or user.get_username()
        return Vouched(subject=user.get_username(), email=user.email, name=name), ""
    return None, ""


def _same_scheme(request: HttpRequest, origin: str) -> bool:
    # A page fetched over http may have been written by anyone on the way: it does not speak for https users.
    return origin.partition("://")[0] == request.scheme
