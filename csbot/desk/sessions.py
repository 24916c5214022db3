"""Who is at the other end of a staff socket: a page of this very site, and the member of staff its session names."""

from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from csbot.handoff import rights

PORTS = {"http": "80", "https": "443"}


def same_origin(headers: dict[bytes, bytes]) -> bool:
    """Whether the page that opens the socket was served under the name the socket is opened at.

    A browser always sends Origin with a websocket, and no page can forge it; without one the socket is refused.
    """
    host = headers.get(b"host", b"").decode("latin-1").lower()
    domain, _port = split_domain_port(host)
    allowed = settings.ALLOWED_HOSTS or ([".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    if not domain or not validate_host(domain, allowed):
        return False
    try:
        origin = urlsplit(headers.get(b"origin", b"").decode("latin-1").lower())
    except ValueError:
        return False
    if origin.scheme not in PORTS or origin.path not in ("", "/") or "@" in origin.netloc:
        return False
    # The default port may be written or left out on either side.
    default = ":" + PORTS[origin.scheme]
    return origin.netloc.removesuffix(default) == host.removesuffix(default)


def staff_of(headers: dict[bytes, bytes]) -> AbstractBaseUser | None:
    """The logged-in agent or manager whose session cookie the headers carry; None for anybody else.

    Asked again while a socket lives, so that a log-out, a lost role or a changed password ends it.
    """
    try:
        cookie = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return None
    morsel = cookie.get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return None
    request: Any = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    user = get_user(request)
    return user if isinstance(user, AbstractBaseUser) and rights.is_staff_of_desk(user) else None
