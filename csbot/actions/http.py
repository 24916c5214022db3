"""Actions that are an HTTP call to the business's own service, declared in settings without code:

    CSBOT_HTTP_ACTIONS = {
        "crm.open_case": {
            "url": "https://crm.example/cases",
            "arguments": ["order", "text"],
            "outcomes": ["opened", "exists"],
            "assurance": "verified",
            "secret": env("CRM_SECRET"),
            "timeout": 5.0,
        }
    }
    CSBOT_HTTP_HOSTS = ["crm.example"]

The request is a POST of `{"arguments", "subject", "language", "conversation"}`. Headers: `Idempotency-Key` (the same
for every retry of one act), `X-Csbot-Timestamp` and `X-Csbot-Signature`, which is `sha256=` and the hex HMAC-SHA256 of
timestamp, a full stop and the body, under the secret. The answer is `{"outcome": …, "values": {…}}`.

Only hosts of `CSBOT_HTTP_HOSTS` are called, redirects are not followed, and an answer is read up to 256 KiB.
"""

import hashlib
import hmac
import http.client
import json
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from csbot import conf
from csbot.actions.registry import Action, ActionFailed, Call, Outcome
from csbot.messages import Assurance

ANSWER_BYTES = 256 * 1024
KEYS = {"url", "arguments", "outcomes", "assurance", "secret", "timeout", "reads"}


def declared(name: str, settings: Mapping[str, Any]) -> Action:
    """The action that `settings` describe. Raises ImproperlyConfigured naming what is wrong."""
    faults = mistakes(name, settings)
    if faults:
        raise ImproperlyConfigured(" ".join(faults))
    arguments = {str(argument): object for argument in settings.get("arguments", ())}

    def run(call: Call, **values: Any) -> Outcome:
        return post(name, settings, call, values)

    return Action(
        name=name,
        run=run,
        assurance=Assurance(settings.get("assurance", "verified")),
        outcomes=tuple(settings["outcomes"]),
        arguments=arguments,
        required=frozenset(arguments),
        reads=bool(settings.get("reads", False)),
    )


def mistakes(name: str, settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with one entry of `CSBOT_HTTP_ACTIONS`, a sentence each."""
    found = []
    for key in settings.keys() - KEYS:
        found.append(f"CSBOT_HTTP_ACTIONS[{name!r}] has an unknown part {key!r}.")
    parts = urlsplit(str(settings.get("url", "")))
    if parts.scheme not in ("https", "http") or not parts.hostname:
        found.append(f"CSBOT_HTTP_ACTIONS[{name!r}] needs a url that begins with https://.")
    elif not allowed(parts.hostname, parts.port):
        found.append(f"CSBOT_HTTP_ACTIONS[{name!r}] calls {parts.netloc}, which CSBOT_HTTP_HOSTS does not list.")
    if not settings.get("outcomes"):
        found.append(f"CSBOT_HTTP_ACTIONS[{name!r}] declares no outcomes.")
    if settings.get("assurance", "verified") not in list(Assurance):
        found.append(f"CSBOT_HTTP_ACTIONS[{name!r}]: assurance is one of {', '.join(Assurance)}.")
    if not settings.get("secret"):
        found.append(f"CSBOT_HTTP_ACTIONS[{name!r}] has no secret to sign with.")
    return found


def allowed(host: str, port: int | None) -> bool:
    """Whether `CSBOT_HTTP_HOSTS` lists `host`, or `host:port`."""
    return bool({host, f"{host}:{port}"} & set(conf.HTTP_HOSTS()))


def post(name: str, settings: Mapping[str, Any], call: Call, arguments: Mapping[str, Any]) -> Outcome:
    """Calls the service once. Raises ActionFailed when it cannot be reached, is too slow, or answers anything else."""
    parts = urlsplit(str(settings["url"]))
    host = parts.hostname or ""
    if not allowed(host, parts.port):
        raise ActionFailed(f"{name}: {host} is not in CSBOT_HTTP_HOSTS")
    body = json.dumps(
        {
            "arguments": arguments,
            "subject": call.subject,
            "language": call.language,
            "conversation": str(call.conversation),
        },
        ensure_ascii=False,
    ).encode()
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Idempotency-Key": call.key,
        "X-Csbot-Timestamp": stamp,
        "X-Csbot-Signature": signature(str(settings["secret"]), stamp, body),
    }
    timeout = float(settings.get("timeout", 5.0))
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=timeout)
    )
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        response = connection.getresponse()
        answer = response.read(ANSWER_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise ActionFailed(f"{name}: {type(error).__name__}: {error}") from error
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise ActionFailed(f"{name}: HTTP {response.status}")
    if len(answer) > ANSWER_BYTES:
        raise ActionFailed(f"{name}: the answer is longer than {ANSWER_BYTES} bytes")
    try:
        return Outcome.from_json(json.loads(answer))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ActionFailed(f"{name}: the answer is not an outcome") from error


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the receiving side recomputes and compares in constant time."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
