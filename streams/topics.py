"""The topics: making them before anybody writes, and their ids (kafka-python's admin client).

Topics are never made by the broker on its own: with another number of partitions than expected an agent would stand
still without a word.
"""

from __future__ import annotations

from dataclasses import dataclass

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from sanjian.errors import NotNow
from sanjian.settings import Settings
from streams.kafka_clients import open_client

#: Alerts and dead letters are few; one partition keeps them in one order for every reader.
SIDE_PARTITIONS = 1


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the broker knows it. ``id`` is the broker's UUID: new after a memory broker was lost."""

    name: str
    id: str
    partitions: int


def wanted(settings: Settings) -> list[NewTopic]:
    """The topics that have to be there."""
    side = {"num_partitions": SIDE_PARTITIONS, "replication_factor": settings.replication}
    return [
        NewTopic(settings.changes_topic, num_partitions=settings.partitions, replication_factor=settings.replication),
        NewTopic(settings.deadletters_topic, **side),
        NewTopic(settings.alerts_topic, **side),
        NewTopic(settings.codemaps_topic, topic_configs={"cleanup.policy": "compact"}, **side),
    ]


def ensure_topics(settings: Settings, bootstrap: list[str]) -> dict[str, Topic]:
    """Make missing topics and tell all of them by name. Raises NotNow while the broker does not answer."""
    admin = open_client(KafkaAdminClient, bootstrap, "sanjian-topics")
    try:
        have = {found["name"] for found in admin.describe_topics()}
        missing = [topic for topic in wanted(settings) if topic.name not in have]
        for topic in missing:
            try:
                admin.create_topics([topic])
            except TopicAlreadyExistsError:
                continue  # another process was faster
        return describe(admin, [topic.name for topic in wanted(settings)])
    except KafkaError as error:
        raise NotNow(f"Kafka at {','.join(bootstrap)} does not make topics: {error}") from error
    finally:
        admin.close()


def topic_now(bootstrap: list[str], name: str, seconds: float) -> Topic:
    """The topic as the broker knows it now. Raises NotNow when there is none, or the broker does not answer in time."""
    admin = open_client(
        KafkaAdminClient, bootstrap, "sanjian-topics", seconds=seconds, request_timeout_ms=int(seconds * 1000)
    )  # fmt: skip
    try:
        found = describe(admin, [name])
    except KafkaError as error:
        raise NotNow(
            f"Kafka at {','.join(bootstrap)} does not tell about its topics: {type(error).__name__}"
        ) from error
    finally:
        admin.close()
    if name not in found:
        raise NotNow(f"Kafka has no topic {name} at the moment.")
    return found[name]


def describe(admin: KafkaAdminClient, names: list[str]) -> dict[str, Topic]:
    """Topics by name, those of ``names`` that exist."""
    return {
        found["name"]: Topic(found["name"], str(found.get("topic_id", "")), len(found["partitions"]))
        for found in admin.describe_topics(names)
        if found["name"] in names and not found.get("error_code")
    }
