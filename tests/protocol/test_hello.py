"""How a socket begins, and what ends it at once."""

import json

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from kith_protocol import PASSWORD, PATIENCE_S, Connection, Socket, open_websocket


def close_code_after(server, *messages):
    connection = Connection(server)
    for message in messages:
        connection.ws.send(message)
    return connection.close_code(), connection.kept


def hello(token, **fields):
    return json.dumps({"type": "hello", "token": token, **fields})


def test_hello_is_answered_by_ready(anna):
    socket = anna.socket(upos=0)
    ready = socket.ready
    assert ready["user_id"] == anna.id
    assert ready["resumed"] == "cold"
    assert ready["digest"] == "0" * 16
    assert len(ready["ticket"]) == 32
    assert ready["limits"]["text_bytes"] == 16 * 1024
    assert ready["limits"]["frame_bytes"] == 64 * 1024
    assert socket.ws.subprotocol == "kith.v1"
    socket.close()


def test_a_client_without_subprotocol_is_served(server, anna):
    ws = open_websocket(server, subprotocols=None)
    ws.send(hello(anna.token))
    assert json.loads(ws.recv(timeout=PATIENCE_S))["type"] == "ready"
    ws.close()


def test_the_token_may_come_with_the_request(server, anna):
    socket = Socket(server, None, headers={"authorization": f"Bearer {anna.token}"}, upos=0)
    assert socket.ready["user_id"] == anna.id
    socket.close()


def test_who_came_with_a_token_need_not_say_hello(server, anna):
    ws = open_websocket(server, additional_headers={"authorization": f"Bearer {anna.token}"})
    assert json.loads(ws.recv(timeout=PATIENCE_S))["type"] == "ready"
    ws.close()


def test_a_browser_session_counts_for_pages_of_this_server_only(server, anna):
    own = {"origin": server.url, "sec-fetch-site": "same-origin"}
    body = {"username": anna.email, "password": PASSWORD, "cookie": True}
    login = server.ask("POST", "/login", json=body, headers=own)
    cookie = "; ".join(f"{name}={value}" for name, value in login.cookies.items())
    socket = Socket(server, None, headers={"cookie": cookie, "origin": server.url})
    assert socket.ready["user_id"] == anna.id
    socket.close()
    for origin in ("https://evil.example", "null", server.url.replace("http", "https")):
        with pytest.raises(InvalidStatus) as refused:
            open_websocket(server, additional_headers={"cookie": cookie, "origin": origin})
        assert refused.value.response.status_code == 403


def test_a_foreign_page_is_refused_even_without_a_cookie(server):
    with pytest.raises(InvalidStatus) as refused:
        open_websocket(server, origin="https://evil.example")
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body)["code"] == "cross-site"


@pytest.mark.parametrize("token", ["", "abc", "a.b.c", "ey" * 100])
def test_a_bad_token_ends_the_socket(server, token):
    code, frames = close_code_after(server, hello(token))
    assert code == 4001
    assert [(frame["type"], frame["problem"]) for frame in frames] == [("error", "unauthenticated")]


def test_no_token_at_all_ends_the_socket(server):
    assert close_code_after(server, '{"type":"hello"}')[0] == 4001


def test_another_first_frame_ends_the_socket(server):
    assert close_code_after(server, '{"type":"ping"}')[0] == 4001


def test_silence_ends_the_socket(server):
    assert close_code_after(server)[0] == 4001


def test_a_large_hello_ends_the_socket(server, anna):
    assert close_code_after(server, hello(anna.token, device="x" * 4096))[0] == 1009


def test_a_first_frame_that_is_no_json_ends_the_socket(server):
    assert close_code_after(server, "hello")[0] == 4010


def test_binary_frames_end_the_socket(server, anna):
    assert close_code_after(server, b"\x00\x01")[0] == 4010
    assert close_code_after(server, hello(anna.token), b"\x00\x01")[0] == 4010


@pytest.mark.parametrize("size", [64 * 1024 + 1, 100 * 1024])
def test_a_frame_that_is_too_large_ends_the_socket(server, anna, size):
    socket = anna.socket()
    try:
        socket.ws.send("x" * size)
    except OSError:
        pass
    assert socket.close_code() == 1009


def test_a_huge_frame_is_not_even_read(server, anna):
    """The server hangs up while the client still sends, so a reset may come before the reason."""
    socket = anna.socket()
    try:
        socket.ws.send("x" * 1024 * 1024)
    except (OSError, ConnectionClosed):
        pass
    try:
        assert socket.close_code() in (1009, None)
    except OSError:
        pass
    anna.socket().close()


def test_malformed_frames_are_named_and_the_eleventh_ends_the_socket(anna):
    socket = anna.socket()
    for text, problem in [
        ("{", "malformed"),
        ("[]", None),
        ('{"type":7}', None),
        ('{"type":"pull"}', None),
        ('{"type":"ping","t":' + "[" * 40 + "]" * 40 + "}", "too-deep"),
    ]:
        socket.ws.send(text)
        error = socket.next("error")
        assert error["detail"]
        assert problem is None or error["problem"] == problem, text
    socket.ws.send('{"type":"send","client_message_id":"m1","text":5}')
    assert socket.next("nack", client_message_id="m1")["final"]
    for _ in range(5):
        socket.ws.send("{")
    assert socket.close_code() == 4010


def test_what_is_unknown_is_ignored(anna):
    socket = anna.socket(colour="green")
    socket.send("sing", song="la la")
    socket.send("ping", t=7, loud=True)
    assert socket.next("pong")["t"] == 7
    assert not [frame for frame in socket.kept if frame["type"] == "error"]
    socket.close()
