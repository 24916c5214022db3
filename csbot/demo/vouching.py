"""How a shop tells the chat who its signed-in customer is: a short token, signed with the inbox's vouching secret.

Any website does the same on its own server; `docs/webchat.md` describes the token.
"""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode

TOKEN_SECONDS = 3600


def vouching_token(secret: str, *, subject: str, email: str, name: str) -> str:
    """`base64url(claims) "." base64url(HMAC-SHA256(secret, first part))`, valid for an hour."""
    claims = {"sub": subject, "email": email, "name": name, "exp": int(time.time()) + TOKEN_SECONDS}
    body = _base64url(json.dumps(claims, ensure_ascii=False).encode())
    return f"{body}.{_base64url(hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest())}"


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
