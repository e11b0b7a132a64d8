"""When the server stops, clients are told when to come back, and nothing that was acked is lost."""

from kith_protocol import fresh


def test_sockets_are_drained_and_come_back(own_server):
    anna, ben = own_server.person("Anna"), own_server.person("Ben")
    sockets = [person.socket(upos=0) for person in (anna, ben) for _ in range(3)]
    numbers = [fresh() for _ in range(20)]
    for number in numbers:
        sockets[0].send("send", receiver_id=ben.id, client_message_id=number, text=number)
    conversation = sockets[0].next("ack", client_message_id=numbers[0])["conversation_id"]
    own_server.terminate()
    assert [socket.close_code() for socket in sockets] == [1012] * 6
    for socket in sockets:
        drain = socket.next("drain")
        assert 0 <= drain["reconnect_in_ms"] <= 5000
    own_server.stop()
    assert own_server.process.returncode == 0
    acked = [frame for frame in sockets[0].kept if frame["type"] == "ack"]
    own_server.start()
    back = anna.socket(upos=0)
    back.next("dirty")
    for ack in acked:
        again = back.write(ack["client_message_id"], receiver_id=ben.id, client_message_id=ack["client_message_id"])
        assert again == {**ack, "dup": True}
    for number in numbers:
        back.write(number, receiver_id=ben.id, client_message_id=number)
    texts = [event["event"]["text"] for event in back.log(conversation)]
    assert sorted(texts) == sorted(numbers)
