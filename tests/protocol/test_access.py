"""Whoever may not see something any more gets nothing more: removed members, ended sessions."""

import json
import time

from kith_protocol import Connection, RawSocket, fill


def test_a_removed_member_sees_the_removal_and_nothing_after(server, anna, ben):
    clara = server.person("Clara")
    group = anna.group(ben, clara)
    owner, removed, member = anna.socket(), ben.socket(), clara.socket()
    owner.write("for all", conversation_id=group)
    anna.call("POST", f"/group/{group}/remove", json={"user_id": ben.id})
    owner.write("for those who stayed", conversation_id=group)
    assert removed.event("message")["event"]["text"] == "for all"
    assert removed.event("member", user_id=ben.id)["event"]["change"] == "removed"
    member.event("message", text="for those who stayed")
    assert "stayed" not in str(removed.settled())
    removed.send("pull", conversation_id=group, after=0)
    assert removed.next("error", frame="pull")["problem"] == "not-found"
    assert removed.refused("let me in", conversation_id=group)["problem"] == "not-found"


def test_who_joins_later_does_not_see_what_was_before(server, anna, ben):
    group = anna.group(history_for_new_members="from_join")
    owner = anna.socket()
    owner.write("before", conversation_id=group)
    newcomer = ben.socket()
    anna.call("POST", f"/group/{group}/add", json={"user_id": ben.id})
    newcomer.event("member", user_id=ben.id)
    owner.write("after", conversation_id=group)
    assert newcomer.event("message")["event"]["text"] == "after"
    page = newcomer.pull(group)
    assert "before" not in str(page["events"]) and page["truncated_before"] > 1


def test_signing_out_ends_the_sockets_of_that_session_only(anna):
    token = anna.login("phone")["token"]
    phone, laptop = anna.socket(token=token), anna.socket()
    started = time.monotonic()
    anna.server.call("POST", "/logout", token)
    assert phone.close_code() == 4003
    assert time.monotonic() - started < 1
    assert phone.kept[-1]["type"] == "revoked"
    laptop.settled()
    late = Connection(anna.server)
    late.ws.send(json.dumps({"type": "hello", "token": token}))
    assert late.close_code() == 4001


def test_a_session_that_is_ended_from_another_device_is_over_within_a_second(anna):
    login = anna.login("phone")
    phone = anna.socket(token=login["token"])
    started = time.monotonic()
    anna.call("DELETE", f"/sessions/{login['session_id']}")
    assert phone.close_code() == 4003
    assert time.monotonic() - started < 1


def test_a_session_that_ended_cannot_be_resumed(anna):
    login = anna.login("phone")
    phone = anna.socket(token=login["token"])
    anna.call("DELETE", f"/sessions/{login['session_id']}")
    assert phone.close_code() == 4003
    late = Connection(anna.server)
    late.ws.send(json.dumps({"type": "hello", "token": login["token"], "resume": {"ticket": phone.ready["ticket"], "n": 0}}))
    assert late.close_code() == 4001


def test_an_ended_session_is_gone_within_a_second_even_while_it_reads_nothing(own_server):
    """The client's buffers are full, so that the server waits to write when the session ends."""
    anna, ben = own_server.person("Anna"), own_server.person("Ben")
    login = ben.login("phone")
    stuck = RawSocket(own_server, login["token"])
    own_server.wait_for_sockets(1)
    sender = anna.socket()
    fill(sender, ben)
    own_server.wait_for_sockets(2)
    started = time.monotonic()
    ben.call("DELETE", f"/sessions/{login['session_id']}")
    own_server.wait_for_sockets(1)
    assert time.monotonic() - started < 1.2, "one second, and the time to look"
    stuck.close()


def test_who_reads_nothing_is_heard_all_the_same(own_server):
    """What a client sends is taken in while the server waits to write to it."""
    anna, ben = own_server.person("Anna"), own_server.person("Ben")
    deaf = RawSocket(own_server, ben.token)
    own_server.wait_for_sockets(1)
    sender = anna.socket()
    fill(sender, ben)
    deaf.send("send", receiver_id=anna.id, client_message_id="m1", text="I hear nothing, but I write")
    assert sender.event("message")["event"]["text"] == "I hear nothing, but I write"
    deaf.close()
