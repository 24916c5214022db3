"""Native code must not be caught at work when the interpreter ends.

A daemon thread that comes back from C++ (torch) or Rust (tokenizers) to an interpreter which is over is unwound by
force, and the process aborts: "terminate called without an active exception". So such work is done inside a gate. At
exit it is shut: what is inside comes out first, and who comes later waits outside until the process is gone.
"""

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LAST_WORK_SECONDS = 30.0  # a batch of 32 texts on a busy machine takes one


class Gate:
    """Lets any number of threads work inside, until it is shut for good."""

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self._inside = 0
        self._shut = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Native work, short enough to be waited for. Never comes back once the gate is shut."""
        with self._moved:
            self._moved.wait_for(lambda: not self._shut)
            self._inside += 1
        try:
            yield
        finally:
            with self._moved:
                self._inside -= 1
                self._moved.notify_all()

    def shut(self, seconds: float = LAST_WORK_SECONDS) -> bool:
        """Lets nobody in any more; True when whoever was inside has come out within `seconds`."""
        with self._moved:
            self._shut = True
            return self._moved.wait_for(lambda: not self._inside, seconds)


gate = Gate()
atexit.register(gate.shut)
