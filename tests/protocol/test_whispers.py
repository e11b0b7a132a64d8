"""Whispers and positions: presence, typing, read cursors; and the digest that finds whatever was missed."""

from kith_protocol import digest


def acquainted(anna, ben):
    """Both know of each other: only contacts are told about presence."""
    socket = anna.socket()
    conversation = socket.write("Hello", receiver_id=ben.id)["conversation_id"]
    socket.close()
    for person in (anna, ben):
        person.call("GET", "/conversations")
    return conversation


def test_contacts_are_told_who_comes_and_goes(anna, ben):
    acquainted(anna, ben)
    watching = anna.socket()
    coming = ben.socket()
    assert "last_seen_at" not in watching.next("presence", user_id=ben.id, online=True)
    assert coming.next("presence", user_id=anna.id)["online"] is True
    coming.close()
    assert watching.next("presence", user_id=ben.id, online=False)["last_seen_at"].endswith("Z")


def test_the_second_device_changes_nothing(anna, ben):
    acquainted(anna, ben)
    watching = anna.socket()
    first = ben.socket()
    watching.next("presence", user_id=ben.id, online=True)
    second = ben.socket()
    second.settled()
    first.close()
    second.write("still here", receiver_id=anna.id)
    watching.event("message", text="still here")
    assert not [frame for frame in watching.settled() if frame["type"] == "presence"]


def test_strangers_are_not_told(server, anna, ben):
    stranger = server.person("Mallory").socket()
    acquainted(anna, ben)
    ben.socket().settled()
    assert stranger.settled() == []


def test_typing_is_told_to_the_others_once_a_second(anna, ben):
    conversation = acquainted(anna, ben)
    one, other = anna.socket(), ben.socket()
    for _ in range(5):
        one.send("typing", conversation_id=conversation)
    one.settled()
    assert other.next("typing", conversation_id=conversation)["user_id"] == anna.id
    assert not [frame for frame in other.settled() if frame["type"] == "typing"]
    assert not [frame for frame in one.settled() if frame["type"] == "typing"]


def test_read_positions_are_told_to_all_and_never_go_back(anna, ben):
    writer, phone, laptop = anna.socket(), ben.socket(), ben.socket()
    for number in range(3):
        conversation = writer.write(str(number), receiver_id=ben.id)["conversation_id"]
    phone.send("read", conversation_id=conversation, seq=2)
    for socket in (writer, laptop):
        assert socket.next("cursor", conversation_id=conversation, user_id=ben.id)["read_seq"] == 2
    phone.send("read", conversation_id=conversation, seq=1)
    phone.send("read", conversation_id=conversation, seq=99)
    assert writer.next("cursor", conversation_id=conversation, user_id=ben.id)["read_seq"] == 3


def test_what_reached_a_device_is_told_and_never_goes_back(anna, ben):
    writer, phone = anna.socket(), ben.socket()
    for number in range(3):
        conversation = writer.write(str(number), receiver_id=ben.id)["conversation_id"]
    phone.send("delivered", conversation_id=conversation, seq=2)
    told = writer.next("cursor", conversation_id=conversation, user_id=ben.id)
    assert told["delivered_seq"] == 2 and "read_seq" not in told
    for seq in (1, 99, 3):
        phone.send("delivered", conversation_id=conversation, seq=seq)
    assert writer.next("cursor", conversation_id=conversation, user_id=ben.id)["delivered_seq"] == 3
    members = anna.call("GET", f"/conversation/{conversation}")["members"]
    assert [member.get("delivered_seq") for member in members if member["user_id"] == ben.id] == [3]


def test_read_receipts_can_be_kept_back(anna, ben):
    preferences = ben.call("GET", "/preferences")
    preferences["privacy"]["send_read_receipts"] = False
    phone, laptop = ben.socket(), ben.socket()
    ben.call("PUT", "/preferences", json=preferences)
    for socket in (phone, laptop):
        assert socket.next("preferences")["preferences"]["privacy"]["send_read_receipts"] is False
    writer = anna.socket()
    conversation = writer.write("Hello", receiver_id=ben.id)["conversation_id"]
    phone.send("read", conversation_id=conversation, seq=1)
    assert laptop.next("cursor")["read_seq"] == 1
    assert not [frame for frame in writer.settled() if frame["type"] == "cursor"]


def test_every_fifth_pong_carries_the_digest_of_heads(anna, ben):
    socket = anna.socket(upos=0)
    for _ in range(3):
        direct = socket.write("Hello", receiver_id=ben.id)
    group = anna.group(ben)
    heads = {direct["conversation_id"]: direct["seq"], group: socket.write("Hello", conversation_id=group)["seq"]}
    anna.call("GET", "/conversations")
    pongs = []
    for number in range(10):
        socket.send("ping", t=number)
        pongs.append(socket.next("pong", t=number))
    assert [number for number, pong in enumerate(pongs, 1) if "digest" in pong] == [5, 10]
    assert pongs[4]["digest"] == pongs[9]["digest"] == digest(heads)
    socket.send("heads")
    answer = socket.next("heads")
    assert {head["conversation_id"]: head["head"] for head in answer["conversations"]} == heads
    assert (answer["digest"], answer["more"]) == (digest(heads), False)
    assert anna.socket(upos=0).ready["digest"] == digest(heads)
