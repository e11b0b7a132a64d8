"""What the protocol tests work with: the server process, people, and sockets. Nothing here shares code with Kith."""

import hashlib
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("KITH_BINARY", ROOT / "target" / "debug" / "kith"))
PATIENCE_S = 20
PASSWORD = "a long sentence is fine"
_numbers = itertools.count(1)


def fresh(prefix="c"):
    """An id that no test has used before."""
    return f"{prefix}-{os.getpid()}-{next(_numbers)}"


class Server:
    """The real binary over a folder of its own. It can be stopped, killed and started again."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.settings = {"KITH_LIMITS_RATES": "false", "KITH_LIMITS_CONNECTIONS_PER_ADDRESS": "2000", **settings}
        self.process = None
        self.url = None
        self.start()

    def start(self):
        environment = {**os.environ, **self.settings}
        log = open(self.folder / "kith.log", "ab")
        command = [BINARY, "serve", "--data", self.folder / "data", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, text=True)
        log.close()
        for line in self.process.stdout:
            found = re.search(r"Listening on (\S+?);", line)
            if found:
                self.address = found.group(1)
                self.url = f"http://{self.address}"
                return
        raise AssertionError(f"the server did not start: {(self.folder / 'kith.log').read_text()}")

    def kill(self):
        self.process.kill()
        self._gone()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def _gone(self):
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()

    def stop(self):
        if self.process.poll() is None:
            self.terminate()
        self._gone()

    def call(self, method, path, token=None, **arguments):
        """One request. Anything but a success is an error of the test."""
        response = self.ask(method, path, token, **arguments)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def ask(self, method, path, token=None, **arguments):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers.update(arguments.pop("headers", {}))
        return httpx.request(method, self.url + path, headers=headers, timeout=PATIENCE_S, **arguments)

    def person(self, name):
        return Person(self, name)

    def metric(self, name):
        for line in self.ask("GET", "/metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        raise AssertionError(f"no metric {name}")

    def wait_for_sockets(self, count):
        """Until the server itself counts so many open sockets."""
        deadline = time.monotonic() + PATIENCE_S
        while (now := self.metric("kith_sockets")) != count:
            assert time.monotonic() < deadline, f"{now} sockets are open, not {count}"

    def resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024


class Person:
    """An account, with a session for each device."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.email = f"{fresh(name)}@example.org"
        body = {"email": self.email, "password": PASSWORD, "name": name}
        self.id = server.call("POST", "/register", json=body)["user_id"]
        self._token = None

    def login(self, device="laptop"):
        body = {"username": self.email, "password": PASSWORD, "device": device}
        return self.server.call("POST", "/login", json=body)

    @property
    def token(self):
        """The token of this person's first session."""
        self._token = self._token or self.login()["token"]
        return self._token

    def call(self, method, path, **arguments):
        return self.server.call(method, path, self.token, **arguments)

    def socket(self, **arguments):
        return Socket(self.server, **{"token": self.token, **arguments})

    def device(self, name):
        return Device(self, name)

    def group(self, *others, **settings):
        body = {"group_name": fresh("Group"), "participants": [other.id for other in others], **settings}
        return self.call("POST", "/group/create", json=body)["group_id"]


def open_websocket(server, **arguments):
    """A bare connection, before any frame."""
    options = {"subprotocols": ["kith.v1"], "max_size": None, "compression": None, "proxy": None, "legacy": True, **arguments}
    return connect(server.url.replace("http", "ws", 1) + "/socket", close_timeout=2, **options)


class Connection:
    """A connection whose frames are kept, in order, until a test asks for them."""

    def __init__(self, server, **arguments):
        self.ws = open_websocket(server, **arguments)
        self.kept = []

    def close_code(self, timeout=PATIENCE_S):
        """Reads until the server closes, and says with which code."""
        deadline = time.monotonic() + timeout
        try:
            while True:
                self.kept.append(json.loads(self.ws.recv(timeout=max(deadline - time.monotonic(), 0))))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    def close(self):
        self.ws.close()

    def lose(self):
        """The connection is gone without a word."""
        self.ws.socket.shutdown(socket.SHUT_RDWR)


class Socket(Connection):
    """A connection after `hello`."""

    def __init__(self, server, token=None, headers=None, **hello):
        super().__init__(server, additional_headers=headers or {})
        self.n = 0
        self.send("hello", token=token, **hello)
        self.ready = self.next("ready")

    def send(self, kind, **fields):
        self.ws.send(json.dumps({"type": kind, **fields}))

    def next(self, kind, timeout=PATIENCE_S, **fields):
        """The next frame of this kind that has these fields; others wait for whoever asks for them."""
        for frame in self.kept:
            if matches(frame, kind, fields):
                self.kept.remove(frame)
                return frame
        deadline = time.monotonic() + timeout
        while True:
            frame = self._receive(deadline - time.monotonic(), f"{kind} {fields}")
            if matches(frame, kind, fields):
                return frame
            self.kept.append(frame)

    def _receive(self, timeout, wanted):
        try:
            frame = json.loads(self.ws.recv(timeout=max(timeout, 0)))
        except TimeoutError:
            raise AssertionError(f"no {wanted} came; these did: {self.kept}") from None
        if frame["type"] == "event":
            assert frame["n"] > self.n, "the numbers of a connection only grow"
            self.n = frame["n"]
        return frame

    def event(self, kind, **fields):
        """The next event of this kind whose content has these fields."""
        return self.next("event", inside={"kind": kind, **fields})

    def write(self, text, **to):
        """Sends a message and returns its ack."""
        number = to.pop("client_message_id", None) or fresh()
        self.send("send", client_message_id=number, text=text, **to)
        return self.next("ack", client_message_id=number)

    def refused(self, text, **to):
        """Sends a message that is refused and returns the nack."""
        number = to.pop("client_message_id", None) or fresh()
        self.send("send", client_message_id=number, text=text, **to)
        return self.next("nack", client_message_id=number)

    def pull(self, conversation, after=0, limit=200):
        self.send("pull", conversation_id=conversation, after=after, limit=limit)
        return self.next("page", conversation_id=conversation)

    def log(self, conversation, after=0):
        """Everything in a conversation after a place, page by page."""
        events = []
        while True:
            page = self.pull(conversation, after)
            events += page["events"]
            if not page["more"]:
                return events
            after = events[-1]["seq"]

    def settled(self):
        """Everything that the server had to say to the frames before has come. Returns what nobody has asked for."""
        mark = time.monotonic()
        self.send("ping", t=mark)
        self.next("pong", t=mark)
        return self.kept


def matches(frame, kind, fields):
    inside = fields.get("inside", {})
    outside = {name: value for name, value in fields.items() if name != "inside"}
    return (
        frame["type"] == kind
        and all(frame.get(name) == value for name, value in outside.items())
        and all(frame["event"].get(name) == value for name, value in inside.items())
    )


class Device:
    """A client as docs/PROTOCOL.md wants it: it holds the state of conversations and repairs it by pulling."""

    def __init__(self, person, name):
        self.person = person
        self.token = person.login(name)["token"]
        self.logs = {}
        self.upos = 0
        self.socket = None
        self.online()

    def online(self):
        self.socket = Socket(self.person.server, self.token, upos=self.upos)
        for head in self.socket.next("dirty")["conversations"] if self.socket.ready["upos"] > self.upos else []:
            self.catch_up(head["conversation_id"])
        self.upos = self.socket.ready["upos"]

    def catch_up(self, conversation):
        log = self.logs.setdefault(conversation, {})
        for event in self.socket.log(conversation, max(log, default=0)):
            log[event["seq"]] = event["event"]

    def follow_to(self, conversation, seq):
        """Takes events and pulls what is lacking until this place is there."""
        log = self.logs.setdefault(conversation, {})
        while max(log, default=0) < seq:
            frame = self.socket.next("event", conversation_id=conversation)
            if frame["seq"] > max(log, default=0) + 1:
                self.catch_up(conversation)
            log.setdefault(frame["seq"], frame["event"])
        assert sorted(log) == list(range(1, max(log) + 1)), "no hole"

    def shown(self, conversation):
        """What a person sees: the messages as they stand after all that was done to them."""
        messages = {}
        for _, event in sorted(self.logs[conversation].items()):
            apply(messages, event)
        return messages


def apply(messages, event):
    kind = event["kind"]
    if kind == "message":
        reactions = {r["emoji"]: set(r["user_ids"]) for r in event.get("reactions", [])}
        messages[event["message_id"]] = {"text": event["text"], "from": event["sender_id"], "reactions": reactions}
    elif kind == "edit":
        messages[event["message_id"]]["text"] = event["text"]
    elif kind == "delete":
        messages[event["message_id"]].update(text=None, reactions={})
    elif kind == "reaction":
        people = messages[event["message_id"]]["reactions"].setdefault(event["emoji"], set())
        (people.add if event["change"] == "added" else people.discard)(event["sender_id"])
        if not people:
            del messages[event["message_id"]]["reactions"][event["emoji"]]


def in_threads(functions):
    """Runs functions at the same time and returns what they gave."""
    results = [None] * len(functions)

    def run(index):
        results[index] = functions[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S * 6)
    assert None not in results, "one of them failed"
    return results


def fill(sender, receiver, messages=1500):
    """Sends more than the buffers of a connection hold."""
    waiting = []
    for _ in range(messages):
        if len(waiting) == 32:
            sender.next("ack", client_message_id=waiting.pop(0))
        number = fresh()
        sender.send("send", receiver_id=receiver.id, client_message_id=number, text="x" * 8000)
        waiting.append(number)
    for number in waiting:
        sender.next("ack", client_message_id=number)


class RawSocket:
    """A WebSocket by hand over a bare connection, which reads as little and as late as a test wants."""

    def __init__(self, server, token):
        host, port = server.address.rsplit(":", 1)
        self.tcp = socket.socket()
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.tcp.settimeout(PATIENCE_S)
        self.tcp.connect((host, int(port)))
        self.buffer = b""
        self.tcp.sendall(
            (
                f"GET /socket HTTP/1.1\r\nHost: {server.address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            ).encode()
        )
        while b"\r\n\r\n" not in self.buffer:
            self.read_some(1024)
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101"), head
        self.send("hello", token=token)

    def send(self, kind, **fields):
        payload = json.dumps({"type": kind, **fields}).encode()
        length = bytes([0x80 | 126]) + len(payload).to_bytes(2, "big")
        mask = b"\x00" * 4
        self.tcp.sendall(b"\x81" + length + mask + payload)

    def read_some(self, size):
        """Takes at most so many bytes; tells how many."""
        data = self.tcp.recv(size)
        self.buffer += data
        return len(data)

    def next(self):
        """The next frame, as fast as it comes; nothing at the end."""
        while (frame := self._taken()) is None:
            if not self.read_some(1 << 16):
                return None
        return frame

    def _taken(self):
        if len(self.buffer) < 2:
            return None
        length, start = self.buffer[1], 2
        if length == 126:
            length, start = int.from_bytes(self.buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(self.buffer[2:10], "big"), 10
        if len(self.buffer) < start or len(self.buffer) < start + length:
            return None
        opcode, payload = self.buffer[0] & 0x0F, self.buffer[start : start + length]
        self.buffer = self.buffer[start + length :]
        return json.loads(payload) if opcode == 1 else {"type": f"opcode {opcode}"}

    def close(self):
        self.tcp.close()


def id_bytes(text):
    """The 16 bytes of an id: one letter, then 26 digits of base 32 (Crockford's, small)."""
    number = 0
    for digit in text[1:]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(digit)
    return number.to_bytes(16, "big")


def digest(heads):
    """The digest of heads, as docs/PROTOCOL.md defines it."""
    digest = 0
    for conversation, head in heads.items():
        hashed = hashlib.sha256(id_bytes(conversation) + head.to_bytes(8, "big")).digest()
        digest ^= int.from_bytes(hashed[:8], "big")
    return f"{digest:016x}"
