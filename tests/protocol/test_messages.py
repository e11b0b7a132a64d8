"""Sending and receiving: acks, order, retries, groups, and everything that happens to a message later."""

from kith_protocol import fresh


def test_a_message_is_acked_and_arrives(anna, ben):
    sender, receiver = anna.socket(), ben.socket()
    ack = sender.write("Hello", receiver_id=ben.id)
    assert (ack["seq"], ack["dup"]) == (1, False)
    assert ack["message_id"] == f"{ack['conversation_id']}-1"
    frame = receiver.event("message")
    assert (frame["n"], frame["seq"], frame["conversation_id"]) == (1, 1, ack["conversation_id"])
    event = frame["event"]
    assert (event["text"], event["sender_id"], event["message_id"]) == ("Hello", anna.id, ack["message_id"])
    assert event["sent_at"] == ack["sent_at"]
    answer = receiver.write("Hi", conversation_id=ack["conversation_id"], reply_to=ack["message_id"])
    assert answer["seq"] == 2
    assert sender.event("message")["event"]["reply_to"] == ack["message_id"]


def test_the_sender_gets_the_ack_in_the_place_of_the_event(anna, ben):
    sender = anna.socket()
    sender.write("Hello", receiver_id=ben.id)
    assert not [frame for frame in sender.settled() if frame["type"] == "event"]


def test_a_retry_gives_the_first_result(anna, ben):
    sender, receiver, other = anna.socket(), ben.socket(), anna.socket()
    number = fresh()
    first = sender.write("Hello", receiver_id=ben.id, client_message_id=number)
    for socket in (sender, other, anna.socket()):
        again = socket.write("Hello", receiver_id=ben.id, client_message_id=number)
        assert again == {**first, "dup": True}
    body = {"receiver_id": ben.id, "message": "Hello", "client_message_id": number}
    over_http = anna.call("POST", "/message/send", json=body)
    assert over_http["message_id"] == first["message_id"]
    receiver.write("Next", receiver_id=anna.id)
    assert [event["event"]["text"] for event in receiver.log(first["conversation_id"])] == ["Hello", "Next"]
    assert receiver.event("message")["seq"] == 1
    assert not [frame for frame in receiver.settled() if frame["type"] == "event"]


def test_the_same_id_for_another_text_is_a_conflict(anna, ben):
    socket = anna.socket()
    number = fresh()
    first = socket.write("Hello", receiver_id=ben.id, client_message_id=number)
    nack = socket.refused("Something else", receiver_id=ben.id, client_message_id=number)
    assert (nack["problem"], nack["final"]) == ("idempotency-conflict", True)
    assert [event["event"]["text"] for event in socket.log(first["conversation_id"])] == ["Hello"]


def test_refusals_are_final_and_named(server, anna, ben):
    socket = anna.socket()
    group = ben.group()
    for fields, problem in [
        ({"receiver_id": ben.id, "text": "x" * (16 * 1024 + 1)}, "text-too-long"),
        ({"receiver_id": ben.id, "text": "   "}, "text-empty"),
        ({"text": "Hello"}, "conversation-id-missing"),
        ({"receiver_id": "nobody", "text": "Hello"}, "not-found"),
        ({"conversation_id": group, "text": "Hello"}, "not-found"),
        ({"receiver_id": ben.id, "text": "Hello", "reply_to": "x"}, "reply-to-malformed"),
        ({"receiver_id": ben.id, "text": "Hello", "client_message_id": "a b"}, "client-message-id-malformed"),
    ]:
        nack = socket.refused(**fields)
        assert (nack["problem"], nack["final"]) == (problem, True), fields


def test_blocking_is_a_final_refusal(anna, ben):
    socket = anna.socket()
    socket.write("Hello", receiver_id=ben.id)
    ben.call("PUT", f"/user/{anna.id}/block")
    assert socket.refused("Again", receiver_id=ben.id)["final"]
    ben.call("DELETE", f"/user/{anna.id}/block")
    socket.write("Again", receiver_id=ben.id)


def test_many_sends_in_flight_are_answered_in_order(anna, ben):
    sender, receiver = anna.socket(), ben.socket()
    numbers = [fresh() for _ in range(100)]
    waiting = []
    for number in numbers:
        if len(waiting) == 32:
            sender.next("ack", client_message_id=waiting.pop(0))
        sender.send("send", receiver_id=ben.id, client_message_id=number, text=number)
        waiting.append(number)
    seqs = [sender.next("ack", client_message_id=number)["seq"] for number in waiting]
    assert seqs == list(range(69, 101))
    events = [receiver.event("message") for _ in numbers]
    assert [event["event"]["text"] for event in events] == numbers
    assert [event["seq"] for event in events] == [event["n"] for event in events] == list(range(1, 101))


def test_whoever_sends_without_waiting_for_answers_is_held_up_and_loses_nothing(anna, ben):
    socket = anna.socket()
    numbers = [fresh() for _ in range(400)]
    for number in numbers:
        socket.send("send", receiver_id=ben.id, client_message_id=number, text="Hello")
    outcomes = [socket.next("ack", client_message_id=number) for number in numbers]
    assert [ack["seq"] for ack in outcomes] == list(range(1, 401))


def test_all_devices_of_both_see_the_same(anna, ben):
    one, two = anna.device("laptop"), anna.device("phone")
    peer = ben.device("phone")
    for number in range(5):
        ack = one.socket.write(f"from the laptop {number}", receiver_id=ben.id)
        two.socket.write(f"from the phone {number}", receiver_id=ben.id)
        last = peer.socket.write(f"from Ben {number}", receiver_id=anna.id)
    conversation = ack["conversation_id"]
    for device in (one, two, peer):
        device.catch_up(conversation)
    assert one.logs[conversation].keys() == set(range(1, last["seq"] + 1))
    assert one.shown(conversation) == two.shown(conversation) == peer.shown(conversation)


def test_a_message_to_oneself(anna):
    one, two = anna.socket(), anna.socket(token=anna.login("phone")["token"])
    ack = one.write("Do not forget", receiver_id=anna.id)
    assert two.event("message")["event"]["message_id"] == ack["message_id"]


def test_everybody_in_a_group_gets_everything(server, anna, ben):
    clara = server.person("Clara")
    sockets = {person.id: person.socket() for person in (anna, ben, clara)}
    group = anna.group(ben, clara)
    for person in (ben, clara):
        assert sockets[person.id].event("member", user_id=person.id)["conversation_id"] == group
    ack = sockets[ben.id].write("Hello all", conversation_id=group)
    for person in (anna, clara):
        event = sockets[person.id].event("message", message_id=ack["message_id"])
        assert event["event"]["sender_id"] == ben.id
    anna.call("PUT", f"/group/{group}", json={"name": "Hiking"})
    for socket in sockets.values():
        socket.event("settings", name="Hiking")
    logs = [socket.log(group) for socket in sockets.values()]
    kinds = [[(event["seq"], event["event"]["kind"]) for event in log] for log in logs]
    assert kinds[0] == kinds[1] == kinds[2]


def test_what_happens_to_a_message_reaches_all(anna, ben):
    sender, receiver = anna.socket(), ben.socket()
    ack = sender.write("Helo", receiver_id=ben.id)
    path = f"/message/{ack['message_id']}"
    anna.call("PUT", path, json={"message": "Hello"})
    ben.call("POST", f"{path}/reaction", json={"emoji": "👍"})
    ben.call("DELETE", f"{path}/reaction", params={"emoji": "👍"})
    anna.call("DELETE", path)
    for socket in (sender, receiver):
        events = [socket.event(kind) for kind in ("edit", "reaction", "reaction", "delete")]
        assert [event["seq"] for event in events] == [2, 3, 4, 5]
        assert all(event["event"]["message_id"] == ack["message_id"] for event in events)
        assert [event["event"]["change"] for event in events[1:3]] == ["added", "removed"]
    log = receiver.log(ack["conversation_id"])
    assert [event["event"]["kind"] for event in log] == ["message", "edit", "reaction", "reaction", "delete"]


def test_a_deleted_text_is_in_no_page(anna, ben):
    sender = anna.socket()
    ack = sender.write("the first secret", receiver_id=ben.id)
    path = f"/message/{ack['message_id']}"
    anna.call("PUT", path, json={"message": "the second secret"})
    anna.call("DELETE", path)
    reader = ben.socket(upos=0)
    log = reader.log(ack["conversation_id"])
    assert "secret" not in str(log)
    assert log[0]["event"]["text"] is None and log[0]["event"]["deleted"] is True
    assert log[1]["event"]["text"] is None
    assert "secret" not in str(ben.call("GET", f"/message/history?conversation_id={anna.id}"))


def test_pages_go_on_where_the_last_ended(anna, ben):
    socket = anna.socket()
    for number in range(7):
        conversation = socket.write(str(number), receiver_id=ben.id)["conversation_id"]
    page = socket.pull(conversation, after=2, limit=3)
    assert [event["seq"] for event in page["events"]] == [3, 4, 5]
    assert (page["head"], page["more"]) == (7, True)
    page = socket.pull(conversation, after=5, limit=3)
    assert ([event["seq"] for event in page["events"]], page["more"]) == ([6, 7], False)
    assert socket.pull(conversation, after=7)["events"] == []


def test_a_page_of_large_texts_is_cut_and_goes_on(anna, ben):
    socket = anna.socket()
    for _ in range(12):
        conversation = socket.write("x" * 16 * 1024, receiver_id=ben.id)["conversation_id"]
    page = socket.pull(conversation)
    assert page["more"] and len(page["events"]) < 12
    assert [event["seq"] for event in socket.log(conversation)] == list(range(1, 13))


def test_own_messages_carry_their_id_in_pages_and_others_do_not(anna, ben):
    sender, receiver = anna.socket(), ben.socket()
    ack = sender.write("Hello", receiver_id=ben.id)
    conversation = ack["conversation_id"]
    own, = sender.log(conversation)
    theirs, = receiver.log(conversation)
    assert own["event"]["client_message_id"] == ack["client_message_id"]
    assert "client_message_id" not in theirs["event"]


def test_strangers_are_told_not_found(anna, ben, server):
    group = anna.group()
    conversation = anna.socket().write("Hello", receiver_id=anna.id)["conversation_id"]
    stranger = ben.socket()
    for name in (group, conversation, "g" + "a" * 26, "nonsense"):
        stranger.send("pull", conversation_id=name, after=0)
        error = stranger.next("error", conversation_id=name)
        assert (error["problem"], error["frame"]) == ("not-found", "pull")
    stranger.send("read", conversation_id=group, seq=1)
    assert stranger.next("error", frame="read")["problem"] == "not-found"
    stranger.send("typing", conversation_id=group)
    assert stranger.next("error", frame="typing")["problem"] == "not-found"
