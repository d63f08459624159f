"""How fast a channel may send, so that the platform's limit cannot be broken.

A place is taken when a message starts and comes free one second after the platform answered.
The platform counts a message somewhere between the two, so however the network delays, no
second of its own holds more messages than there are places. The price is the answer's time:
with 30 places and answers after 50 ms it is 28.6 messages a second.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

SECOND = 1_000_000
MARGIN = 2_000
"""Microseconds: clocks of two processes are read at slightly different moments."""


@dataclass(slots=True)
class Pacer:
    """`per_second` places in all (0: no limit), and a pause after each message to one person.

    Times are UTC microseconds. Participants are named by their id.
    """

    per_second: float
    per_person_seconds: float
    _held_until: int = 0
    _probes: bool = False
    _under_way: int = 0
    _freed_at: deque[int] = field(default_factory=deque)
    _given_at: deque[int] = field(default_factory=deque)
    _person_at: dict[int, int] = field(default_factory=dict)
    _kept: set[int] = field(default_factory=set)

    def free(self, now: int, most: int) -> int:
        """How many messages may start now; never more than `most`."""
        if now < self._held_until:
            return 0
        for ended in (self._freed_at, self._given_at):
            while ended and ended[0] <= now:
                ended.popleft()
        places = int(self.per_second) if self.per_second else most
        places -= min(len(self._given_at), places // 2)
        if self._probes:
            places = min(places, 1 + len(self._freed_at))
        return max(0, min(most, places - self._under_way - len(self._freed_at)))

    def busy(self, now: int) -> set[int]:
        """Who may not be written to now: too soon, or a message of theirs is under way."""
        self._person_at = {p: at for p, at in self._person_at.items() if at > now}
        return self._kept | set(self._person_at)

    def begin(self, participant: int) -> None:
        """A message starts; nothing else goes to this person until `let_go`."""
        self._under_way += 1
        self._kept.add(participant)

    def end(self, participant: int, now: int) -> None:
        """The platform has answered, or did not."""
        self._under_way -= 1
        if self.per_second:
            self._freed_at.append(now + SECOND + MARGIN)
        if self.per_person_seconds:
            self._person_at[participant] = now + int(self.per_person_seconds * SECOND) + MARGIN

    def let_go(self, participant: int) -> None:
        """What happened is written down: the next message to this person may come."""
        self._kept.discard(participant)

    def may_go_on(self, participant: int, now: int) -> bool:
        """Whether the next part of a message under way may start."""
        return self._person_at.get(participant, 0) <= now and self.free(now, 1) > 0

    def hold(self, until: int, *, probes: bool = False) -> None:
        """The platform asked everybody to wait. `probes`: then one message goes alone first."""
        self._held_until = max(self._held_until, until)
        self._probes = self._probes or probes

    def went_well(self) -> None:
        """The platform takes messages again."""
        self._probes = False

    def give_away(self, now: int) -> None:
        """A place is used by somebody else: platforms may count what comes in as well.

        At most half of them, so that a rush of messages does not keep its own answers away.
        """
        if self.per_second:
            self._given_at.append(now + SECOND + MARGIN)

    def next_at(self, now: int) -> int:
        """When this may change by itself: the end of a hold, a place or a person coming free."""
        ends = [*list(self._freed_at)[:1], *list(self._given_at)[:1]]
        times = [self._held_until, *ends, *self._person_at.values()]
        return min((at for at in times if at > now), default=now)
