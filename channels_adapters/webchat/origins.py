"""Which websites may embed an inbox: those it lists, and this site itself."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

PORTS = {"http": 80, "https": 443}


def normal(origin: str) -> str:
    """`scheme://host[:port]`, lower case, without a default port; "" for what is not a web origin."""
    try:
        parts = urlsplit(origin.strip().lower())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in PORTS or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != PORTS[parts.scheme] else "")


def is_own(origin: str, host: str) -> bool:
    """Whether `origin` is this site as the request named it: `host` is its Host header, which must be allowed."""
    where = normal(origin)
    scheme = where.partition("://")[0]
    if not where or normal(f"{scheme}://{host}") != where:
        return False
    domain, _port = split_domain_port(host)
    allowed = settings.ALLOWED_HOSTS or ([".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    return bool(domain) and validate_host(domain, allowed)


def may_embed(origin: str, listed: Iterable[str], host: str) -> bool:
    """Whether a page of `origin` may open this inbox. A missing Origin never may.

    An entry is an exact origin, or `https://*.shop.example` for every subdomain (and not the domain itself).
    """
    where = normal(origin)
    if not where:
        return False
    if is_own(origin, host):
        return True
    scheme, _, rest = where.partition("://")
    for each in listed:
        if not isinstance(each, str):
            continue
        listed_scheme, _, listed_host = each.strip().lower().rstrip("/").partition("://")
        if listed_host.startswith("*."):
            if scheme == listed_scheme and rest.endswith(listed_host[1:]) and len(rest) > len(listed_host) - 1:
                return True
        elif normal(each) == where:
            return True
    return False
