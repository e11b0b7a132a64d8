"""One member of a large group reads a thousand bytes a second. Nobody else notices, and nothing is lost."""

import threading

import pytest
from websockets.exceptions import ConnectionClosed

from kith_protocol import PATIENCE_S, RawSocket, fresh, in_threads

MEMBERS = 300
ONLINE = 16
BATCHES = 50
BATCH = 20
TEXT = "x" * 16_000
GROWTH_BYTES_MAX = 96 * 1024 * 1024


class Reader(threading.Thread):
    """A member who reads at once. Tells how far it is, so that the writer can wait for all."""

    def __init__(self, socket, group):
        super().__init__(daemon=True)
        self.socket, self.group = socket, group
        self.seqs = []
        self.moved = threading.Condition()
        self.start()

    def run(self):
        try:
            while True:
                self.take(self.socket.next("event", conversation_id=self.group))
        except ConnectionClosed:
            pass

    def take(self, frame):
        with self.moved:
            self.seqs.append(frame["seq"])
            self.moved.notify()

    def wait_for(self, seq):
        with self.moved:
            assert self.moved.wait_for(lambda: self.seqs and self.seqs[-1] >= seq, PATIENCE_S), self.seqs[-1:]


class SlowReader(threading.Thread):
    """A member who takes a thousand bytes a second, until told to hurry."""

    def __init__(self, server, token):
        super().__init__(daemon=True)
        self.raw = RawSocket(server, token)
        self.hurry = threading.Event()
        self.start()

    def run(self):
        while not self.hurry.wait(1):
            self.raw.read_some(1024)


@pytest.fixture
def people(own_server):
    names = [f"Member{number}" for number in range(MEMBERS)]
    quarters = [names[start::4] for start in range(4)]
    made = in_threads([lambda part=part: [own_server.person(name) for name in part] for part in quarters])
    return [person for part in made for person in part]


def test_a_slow_reader_harms_nobody_and_catches_up(own_server, people):
    writer, slow, *readers = people[:ONLINE]
    group = writer.group(*people[1:])
    sender = writer.socket()
    lagging = SlowReader(own_server, slow.token)
    online = [Reader(reader.socket(), group) for reader in readers]
    own_server.wait_for_sockets(ONLINE)
    begun = sender.write("the first", conversation_id=group)["seq"]
    before = own_server.resident_bytes()
    for _ in range(BATCHES):
        numbers = [fresh() for _ in range(BATCH)]
        for number in numbers:
            sender.send("send", conversation_id=group, client_message_id=number, text=TEXT)
        last = [sender.next("ack", client_message_id=number)["seq"] for number in numbers][-1]
        for reader in online:
            reader.wait_for(last)
    growth = own_server.resident_bytes() - before
    assert growth < GROWTH_BYTES_MAX, growth
    for reader in online:
        assert reader.seqs == list(range(reader.seqs[0], last + 1)), "everything, in order"

    lagging.hurry.set()
    lagging.join()
    dirty, events = caught_up(lagging.raw, group, (begun, last))
    assert dirty, "it was told that it has missed some"
    assert len(events) < last - begun, "it was spared some"
    lagging.raw.close()


def caught_up(raw, group, range_of_seqs):
    """Reads on as a client does: takes events, and pulls whenever it is told that it has missed some."""
    begun, last = range_of_seqs
    have, events, dirty = set(), set(), False
    while have != set(range(1, last + 1)) or not dirty:
        frame = raw.next()
        if frame["type"] == "event":
            events.add(frame["seq"])
            have.add(frame["seq"])
        elif frame["type"] == "dirty":
            heads = [head["head"] for head in frame["conversations"] if head["conversation_id"] == group]
            dirty = dirty or max(heads, default=0) > begun
            raw.send("pull", conversation_id=group, after=0, limit=200)
        elif frame["type"] == "page" and frame["conversation_id"] == group:
            have |= {event["seq"] for event in frame["events"]}
            if frame["more"]:
                raw.send("pull", conversation_id=group, after=frame["events"][-1]["seq"], limit=200)
    return dirty, events
