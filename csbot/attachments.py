"""Files of a conversation: what may come in, how it is kept, how it is shown.

What a file is, its first bytes say, never its name or the sender. The table is our own: seven types need sixty
bytes of knowledge, less than a library that guesses among hundreds and would have to be narrowed down again.
"""

import hashlib
import re
import unicodedata
import uuid
from pathlib import PurePosixPath
from uuid import UUID

from django.core.files.base import File
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from csbot import conf
from csbot.messages import FileRef
from csbot.models import Attachment

# Type → suffix of the stored name. Images are shown in the page, everything else is downloaded.
SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
}
# Control characters that no text file needs; the rest of C0 is tab, line feed, form feed, carriage return.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


class AttachmentRefused(ValueError):
    """A file that is not taken. `code` is empty_file, file_too_large or file_type; the message is for a log."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def sniff(data: bytes) -> str | None:
    """The content type that `data` (a whole file) shows itself to be, or None when it is none of `SUFFIXES`."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if _NOT_TEXT.search(text) else "text/plain"


def safe_name(name: str) -> str:
    """`name` as it may be shown and offered for download: the last path part, no control or direction characters.

    At most 120 characters; the suffix stays. It is still text of a stranger, to be escaped where it is shown.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(each for each in last if unicodedata.category(each)[0] != "C").strip(" .")
    if len(kept) > 120:
        stem, dot, suffix = kept.rpartition(".")
        kept = f"{stem[: 119 - len(suffix)]}.{suffix}" if dot and len(suffix) <= 10 else kept[:120]
    return kept or "file"


def store_upload(conversation_id: UUID, file: "File[bytes]", name: str = "") -> FileRef:
    """Keeps `file` for this conversation under a random name. Raises `AttachmentRefused`; nothing is kept then."""
    limit = conf.ATTACHMENT_BYTES()
    if file.size > limit:
        raise AttachmentRefused("file_too_large", f"The file has {file.size} bytes; {limit} at most are accepted.")
    file.seek(0)
    data = file.read()
    if not data:
        raise AttachmentRefused("empty_file", "The file is empty.")
    content_type = sniff(data)
    if content_type is None:
        raise AttachmentRefused("file_type", f"Accepted are {', '.join(SUFFIXES)}.")
    attachment = Attachment(
        conversation_id=conversation_id,
        name=safe_name(name or file.name or ""),
        content_type=content_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    file.seek(0)
    attachment.file.save(f"{uuid.uuid4().hex}{SUFFIXES[content_type]}", file, save=False)
    try:
        attachment.save()
    except Exception:
        # No row, no file: what nobody can find again is not left on the disk.
        attachment.file.delete(save=False)
        raise
    return FileRef(str(attachment.pk), attachment.name, content_type, attachment.size)


def file_response(attachment: Attachment) -> HttpResponse:
    """The file for somebody who may have it: inert wherever it is opened.

    Images inline, the rest as a download; never sniffed, never run, kept by no shared cache.
    """
    inline = attachment.content_type.startswith("image/")
    kind = "text/plain; charset=utf-8" if attachment.content_type == "text/plain" else attachment.content_type
    # Read whole: at most some megabytes, and a file that streams blocks the event loop under ASGI.
    with attachment.file.open("rb") as stored:
        response = HttpResponse(stored.read(), content_type=kind)
    response["Content-Disposition"] = content_disposition_header(not inline, attachment.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # The widget shows it on other sites; who may have it was decided by the link, not by where it is shown.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "private, max-age=3600, immutable"
    return response
