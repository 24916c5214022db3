"""Which queue a conversation enters.

1. Of the queues that fit inbox, topic and language, the one that names most of the three wins; among equals a named
   topic counts before a named language before a named inbox.
2. The inbox's default queue.
3. A queue that fits because it names nothing.
4. Any queue of the brand; one that speaks the language first.

Disabled queues are never chosen. Hours and who is there play no part: the customer is told what to expect instead.
"""

from csbot.models import Brand, Inbox, Queue

EVERYBODY = {"en": "Customer service", "zh": "客服"}


def choose(brand: Brand, inbox: Inbox | None, topic: str, language: str) -> Queue | None:
    """The queue for a conversation, or None when the brand has no enabled queue at all."""
    queues = list(Queue.objects.filter(brand=brand, enabled=True).order_by("key").prefetch_related("inboxes"))
    here = {queue.pk: {served.pk for served in queue.inboxes.all()} for queue in queues}

    def fits(queue: Queue) -> tuple[bool, bool, bool]:
        """By topic, language and inbox; a queue that names none of a kind fits every one."""
        return (
            not queue.topics or topic in queue.topics,
            not queue.languages or language in queue.languages,
            not here[queue.pk] or (inbox is not None and inbox.pk in here[queue.pk]),
        )

    def named(queue: Queue) -> tuple[int, bool, bool, bool]:
        kinds = (bool(queue.topics), bool(queue.languages), bool(here[queue.pk]))
        return (sum(kinds), *kinds)

    fitting = [queue for queue in queues if all(fits(queue))]
    specific = [queue for queue in fitting if named(queue)[0]]
    if specific:
        return max(specific, key=named)
    if inbox is not None and inbox.queue_id is not None:
        for queue in queues:
            if queue.pk == inbox.queue_id:
                return queue
    if fitting:
        return fitting[0]
    return max(queues, key=lambda queue: (fits(queue)[1], fits(queue)[0], fits(queue)[2]), default=None)


def queue_for(brand: Brand, inbox: Inbox | None, topic: str, language: str) -> Queue:
    """As `choose`; a brand without any queue gets one for everything, so that nobody is stuck for want of a setting."""
    chosen = choose(brand, inbox, topic, language)
    if chosen is None:
        chosen, _made = Queue.objects.get_or_create(brand=brand, key="people", defaults={"names": EVERYBODY})
        if not chosen.enabled:
            chosen.enabled = True
            chosen.save(update_fields=["enabled"])
    return chosen
