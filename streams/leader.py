"""Who leads: the worker that partition 0 of his.changes is assigned to. No topic of its own, no election of its own.

Kafka's group gives every partition to one member, so there is one leader while any worker runs. For as long as a worker
does not know yet that it lost the partition there are two; all that a leader does is such that this changes nothing
(see ``docs/decisions/0006-who-leads.md``).
"""

from __future__ import annotations

from faust.assignor.leader_assignor import LeaderAssignor
from faust.exceptions import ConsumerNotStarted
from faust.types import TP


class FirstPartition(LeaderAssignor):
    """Leads while partition 0 of ``topic`` is assigned here."""

    topic: str

    async def on_start(self) -> None:
        """Faust would declare a topic of its own here."""

    def is_leader(self) -> bool:
        """False before the first assignment, too."""
        try:
            return TP(self.topic, 0) in self.app.consumer.assignment()
        except ConsumerNotStarted:
            return False


def leader_assignor(topic: str) -> type[FirstPartition]:
    """For the setting LeaderAssignor of an app that reads ``topic``."""
    return type("AppFirstPartition", (FirstPartition,), {"topic": topic})
