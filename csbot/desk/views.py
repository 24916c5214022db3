"""The staff page, and where its files are uploaded."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from csbot import attachments, conf
from csbot.addresses import address
from csbot.conversations import Refused
from csbot.desk import work
from csbot.desk.words import words
from csbot.handoff import rights


@never_cache
@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """The staff page: for agents and managers of some brand, 403 for anybody else who is logged in."""
    if not rights.is_staff_of_desk(request.user):
        raise PermissionDenied
    page = {
        "words": words(),
        "language": get_language() or "en",
        "socket": "/csbot/desk/ws/",
        "upload": reverse("csbot:desk_upload", args=[UUID(int=0)]),
        "file": address("csbot_file", UUID(int=0)),
        "login": address("login"),
        "limit": conf.MESSAGE_CHARACTERS(),
    }
    return render(request, "csbot/desk/desk.html", {"page": page, "logout": address("logout")})


@require_POST
def upload(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Keeps one file (multipart field `file`) for a message of the agent who holds the conversation."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    try:
        work.held(request.user, conversation)
    except Refused as refusal:
        return JsonResponse({"code": refusal.code, "message": str(refusal)}, status=404)
    sent = request.FILES.get("file")
    if sent is None:
        return JsonResponse({"code": "no_file", "message": "Send one file in the field “file”."}, status=400)
    try:
        kept = attachments.store_upload(conversation, sent, sent.name or "")
    except attachments.AttachmentRefused as refusal:
        return JsonResponse({"code": refusal.code, "message": str(refusal)}, status=415)
    return JsonResponse(
        {"id": kept.id, "name": kept.name, "content_type": kept.content_type, "size": kept.size}, status=201
    )
