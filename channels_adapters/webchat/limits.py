"""How often a visitor may speak. Pure: moments come in, in seconds of any steady clock.

This is one process's cheap first gate, before any query. What holds across processes is decided with the
conversation's row (`csbot.pacing`), which never refuses what this lets through from one process alone.
"""

from collections import OrderedDict, deque


class Window:
    """At most `limit` events per key in any `seconds`; remembers at most `keys` keys, the least recent forgotten."""

    def __init__(self, limit: int, seconds: float, keys: int = 10_000) -> None:
        self.limit = limit
        self.seconds = seconds
        self.keys = keys
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """0.0 and counted when the event may happen now, else how many seconds to wait; a refusal is not counted."""
        moments = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while moments and moments[0] <= now - self.seconds:
            moments.popleft()
        if len(moments) >= self.limit:
            return moments[0] + self.seconds - now
        moments.append(now)
        if len(self._seen) > self.keys:
            self._seen.popitem(last=False)
        return 0.0
