"""How fast one conversation may be written in, decided from one moment that stands in its row.

The generic cell rate algorithm (ITU-T I.371): every message moves the moment on by its share of the window; one that
would move it further than the window beyond now has to wait. What keeps to `limit` in any `seconds` is never refused,
a burst of more always is, in however many processes it arrives; and it costs no query of its own.
"""

from datetime import datetime, timedelta


def paced(until: datetime | None, now: datetime, *, limit: int, seconds: float) -> tuple[float, datetime]:
    """How many seconds the next message has to wait, 0.0 when it may come now, and the moment that then stands."""
    share = timedelta(seconds=seconds / limit)
    start = now if until is None or until < now else until
    ahead = start + share - now - timedelta(seconds=seconds)
    wait = ahead.total_seconds()
    return (wait, start) if wait > 0 else (0.0, start + share)
