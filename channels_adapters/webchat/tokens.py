"""Who a visitor is, without cookies: a secret their browser keeps, signed tokens made from it, and vouching.

- The *visitor secret* (256 random bits) lives in the browser's localStorage. The server stores only `sender_of` it,
  from which the secret cannot be had.
- The *socket token* says inbox, sender, origin and who is vouched for; signed, valid for minutes.
- A *vouching token* is made by the embedding site's own server: it says who its signed-in user is.
- A *file token* opens one attachment for a while, so that `<img>` and links work without cookies.
"""

import hashlib
import hmac
import json
import re
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from typing import Any

from django.core import signing
from django.utils.crypto import salted_hmac

from channels_adapters import conf
from csbot.messages import Vouched

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
VOUCHING_LONGEST = 24 * 3600
SOCKET_SALT = "csbot.webchat.socket"
FILE_SALT = "csbot.webchat.file"


class TokenError(ValueError):
    """A token that proves nothing. The message says which and why, for the developer of the embedding site."""


def new_secret() -> str:
    """A fresh visitor secret: 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def sender_of(inbox: str, secret: str) -> str:
    """The address value of the visitor who keeps `secret`; another inbox makes another one of it."""
    return "v-" + salted_hmac("csbot.webchat.visitor", f"{inbox}\n{secret}", algorithm="sha256").hexdigest()[:40]


def sender_for(inbox: str, subject: str) -> str:
    """The address value of the vouched user `subject`: the same in every browser they sign in from.

    Apart from the browser's own, so that whoever uses the browser after them does not see their conversation.
    """
    return "u-" + salted_hmac("csbot.webchat.user", f"{inbox}\n{subject}", algorithm="sha256").hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Pass:
    """What a socket token proves: this sender, on this inbox, from this website."""

    inbox: str
    sender: str
    origin: str
    vouched: Vouched | None = None


def issue(visit: Pass) -> str:
    """A socket token, valid for CSBOT_WEBCHAT_TOKEN_SECONDS."""
    return signing.dumps(asdict(visit), salt=SOCKET_SALT, compress=True)


def read(token: str, *, inbox: str, origin: str) -> Pass:
    """What `token` proves. Raises `TokenError` when it is forged, expired, or of another inbox or website."""
    try:
        data = signing.loads(token, salt=SOCKET_SALT, max_age=conf.WEBCHAT_TOKEN_SECONDS())
    except signing.SignatureExpired:
        raise TokenError("The token has expired; fetch a new one.") from None
    except signing.BadSignature:
        raise TokenError("The token is not one of ours.") from None
    vouched = data.pop("vouched")
    visit = Pass(**data, vouched=Vouched(**vouched) if vouched else None)
    if visit.inbox != inbox or visit.origin != origin:
        raise TokenError("The token is for another inbox or website.")
    return visit


def file_token(attachment: str) -> str:
    """Opens one attachment for CSBOT_WEBCHAT_FILE_SECONDS."""
    return signing.TimestampSigner(salt=FILE_SALT).sign(attachment).partition(":")[2]


def opens_file(attachment: str, token: str) -> bool:
    """Whether `token` is a live file token of this attachment."""
    try:
        signing.TimestampSigner(salt=FILE_SALT).unsign(f"{attachment}:{token}", max_age=conf.WEBCHAT_FILE_SECONDS())
    except signing.BadSignature:
        return False
    return True


def vouch(secret: str, subject: str, *, email: str = "", name: str = "", expires: int) -> str:
    """What an embedding site's server makes: `base64url(JSON) "." base64url(HMAC-SHA256(secret, first part))`.

    `expires` is a Unix time, at most 24 hours ahead. Here for tests and for Django sites; `docs/webchat.md` shows
    the same in other languages.
    """
    claims = {"sub": subject, "email": email, "name": name, "exp": expires}
    body = _encode(json.dumps(claims, ensure_ascii=False).encode())
    return f"{body}.{_encode(_mac(secret, body))}"


def read_vouch(secret: str, token: str, *, now: float | None = None) -> Vouched:
    """Who the embedding site vouches for. Raises `TokenError` naming what is wrong; nothing is believed then."""
    if not secret:
        raise TokenError("This inbox has no vouching secret; set one in the admin.")
    body, dot, mac = token.partition(".")
    if not dot or not hmac.compare_digest(_encode(_mac(secret, body)).encode(), mac.encode(errors="replace")):
        raise TokenError("The vouching token is not signed with this inbox's vouching secret.")
    try:
        claims: Any = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        subject, expires = claims["sub"], claims["exp"]
    except (ValueError, KeyError, TypeError):
        raise TokenError("The vouching token needs the claims sub and exp.") from None
    if not isinstance(subject, str) or not 0 < len(subject) <= 200 or not isinstance(expires, int):
        raise TokenError("In the vouching token, sub is 1 to 200 characters and exp a Unix time.")
    moment = time.time() if now is None else now
    if not moment < expires <= moment + VOUCHING_LONGEST:
        raise TokenError("The vouching token has expired, or lives longer than 24 hours.")
    return Vouched(
        subject=subject, email=str(claims.get("email") or "")[:254], name=str(claims.get("name") or "")[:200]
    )


def _mac(secret: str, body: str) -> bytes:
    return hmac.new(secret.encode(), body.encode(errors="replace"), hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
