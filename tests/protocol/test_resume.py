"""Coming back: after a lost connection, after a long time, and after a crash of the server."""

from kith_protocol import fresh


def text_of(event):
    return event["event"]["text"]


def test_cold_what_changed_is_named_and_pulled(server, anna, ben):
    clara = server.person("Clara")
    reader = ben.socket(upos=0)
    before = anna.socket().write("before", receiver_id=ben.id)["conversation_id"]
    reader.event("message")
    reader.close()
    ben.call("GET", "/conversations")
    first = ben.socket(upos=0)
    first.next("dirty")
    first.close()
    other = clara.socket()
    for number in range(3):
        conversation = other.write(f"while away {number}", receiver_id=ben.id)["conversation_id"]
    ben.call("GET", "/conversations")
    back = ben.socket(upos=first.ready["upos"])
    dirty = back.next("dirty")
    assert dirty["conversations"] == [{"conversation_id": conversation, "head": 3}]
    assert back.ready["upos"] == dirty["upos"] > first.ready["upos"]
    assert [text_of(event) for event in back.log(conversation)] == [f"while away {n}" for n in range(3)]
    assert [text_of(event) for event in back.log(before)] == ["before"]
    again = ben.socket(upos=back.ready["upos"])
    assert not [frame for frame in again.settled() if frame["type"] == "dirty"]


def test_hot_what_was_not_acknowledged_comes_again_with_its_number(anna, ben):
    sender, receiver = anna.socket(), ben.socket(upos=0)
    for number in range(5):
        sender.write(str(number), receiver_id=ben.id)
    frames = [receiver.event("message") for _ in range(5)]
    receiver.send("acked", n=2)
    receiver.settled()
    receiver.lose()
    sender.write("5", receiver_id=ben.id)
    ticket = receiver.ready["ticket"]
    back = ben.socket(upos=0, resume={"ticket": ticket, "n": 3})
    assert (back.ready["resumed"], back.ready["ticket"]) == ("hot", ticket)
    again = [back.event("message") for _ in range(3)]
    assert again[:2] == frames[3:]
    assert [(frame["n"], text_of(frame)) for frame in again] == [(4, "3"), (5, "4"), (6, "5")]
    sender.write("6", receiver_id=ben.id)
    assert back.event("message")["n"] == 7


def test_hot_while_the_old_connection_still_stands_replaces_it(anna, ben):
    sender, receiver = anna.socket(), ben.socket()
    sender.write("Hello", receiver_id=ben.id)
    receiver.event("message")
    back = ben.socket(resume={"ticket": receiver.ready["ticket"], "n": 0})
    assert back.ready["resumed"] == "hot"
    assert text_of(back.event("message")) == "Hello"
    assert receiver.close_code() == 4011


def test_a_ticket_of_somebody_else_or_of_another_session_is_worth_nothing(anna, ben):
    victim = anna.socket()
    resume = {"ticket": victim.ready["ticket"], "n": 0}
    assert ben.socket(resume=resume).ready["resumed"] == "cold"
    assert anna.socket(token=anna.login("phone")["token"], resume=resume).ready["resumed"] == "cold"
    for ticket in ("", "zz", "0" * 32, "0" * 33):
        assert anna.socket(resume={"ticket": ticket, "n": 0}).ready["resumed"] == "cold"
    assert anna.socket(resume={**resume, "n": 99}).ready["resumed"] == "cold"
    assert victim.settled() is not None


def test_a_late_device_reaches_the_same_state(server, anna, ben):
    early, peer = anna.device("laptop"), ben.device("phone")
    group = anna.group(ben)
    acks = [early.socket.write(f"message {number}", conversation_id=group) for number in range(30)]
    paths = [f"/message/{ack['message_id']}" for ack in acks]
    anna.call("PUT", paths[3], json={"message": "changed"})
    anna.call("DELETE", paths[4])
    ben.call("POST", f"{paths[5]}/reaction", json={"emoji": "🎉"})
    last = peer.socket.write("the end", conversation_id=group)
    ben.call("GET", "/conversations")
    early.catch_up(group)
    peer.follow_to(group, last["seq"] - 1)
    peer.catch_up(group)
    late = anna.device("tablet")
    assert late.shown(group) == early.shown(group) == peer.shown(group)
    assert late.shown(group)[acks[3]["message_id"]]["text"] == "changed"
    assert late.shown(group)[acks[4]["message_id"]]["text"] is None
    assert late.shown(group)[acks[5]["message_id"]]["reactions"] == {"🎉": {ben.id}}


def test_a_crash_loses_nothing_that_was_acked(own_server):
    anna, ben = own_server.person("Anna"), own_server.person("Ben")
    sender, receiver = anna.socket(), ben.socket()
    numbers = [fresh() for _ in range(50)]
    acks = [sender.write(number, receiver_id=ben.id, client_message_id=number) for number in numbers]
    conversation = acks[0]["conversation_id"]
    before = receiver.log(conversation)
    unknown = fresh()
    sender.send("send", receiver_id=ben.id, client_message_id=unknown, text=unknown)
    own_server.kill()
    own_server.start()
    sender, receiver = anna.socket(), ben.socket(upos=0)
    assert receiver.next("dirty")["conversations"][0]["conversation_id"] == conversation
    after = receiver.log(conversation)
    assert after[: len(before)] == before
    for number, ack in zip(numbers, acks):
        again = sender.write(number, receiver_id=ben.id, client_message_id=number)
        assert again == {**ack, "dup": True}
    resolved = sender.write(unknown, receiver_id=ben.id, client_message_id=unknown)
    assert resolved["seq"] == 51
    assert [text_of(event) for event in receiver.log(conversation)] == [*numbers, unknown]


def test_an_old_ticket_is_worth_nothing_after_a_restart(own_server):
    anna = own_server.person("Anna")
    socket = anna.socket()
    own_server.kill()
    own_server.start()
    assert anna.socket(resume={"ticket": socket.ready["ticket"], "n": 0}).ready["resumed"] == "cold"
