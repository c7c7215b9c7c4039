"""What the rounds of every scheme keep: the step and a count, saved and restored as docs/protocol.md#rounds asks."""

import hashlib
import json

from checks import invalid


class Rounds:
    """The rounds of one session; `opening` is all that the session was opened with, which has to be printable."""

    def __init__(self, *opening):
        self.opening = hashlib.sha256(repr(opening).encode()).hexdigest()[:16]
        self.step = 1.0
        self.count = 0

    def save(self):
        return json.dumps([self.opening, self.step, self.count])

    def restore(self, state):
        try:
            opening, step, count = json.loads(state)
        except (ValueError, TypeError, RecursionError):
            opening = None
        if opening != self.opening:
            raise invalid("not a state of a session that was opened like this one")
        self.step, self.count = step, count
