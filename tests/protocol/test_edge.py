"""What the edge bears: slow and greedy clients, limits, and encryption."""

import signal
import socket
import ssl
import time

import httpx
import pytest
import trustme

from kith_protocol import PASSWORD, PATIENCE_S, Server


@pytest.fixture
def serve(tmp_path):
    """Starts servers with settings of their own."""
    servers = []

    def start(**settings):
        servers.append(Server(tmp_path, **settings))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def raw(server):
    host, port = server.address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=PATIENCE_S)


def until_closed(connection):
    """All that comes until the server closes; how long that took."""
    started = time.monotonic()
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received, time.monotonic() - started


def test_a_request_that_never_ends_is_closed(serve):
    server = serve(KITH_LIMITS_HEADER_TIMEOUT_MS="1000")
    half, silent = raw(server), raw(server)
    half.sendall(b"GET /healthz HTTP/1.1\r\nHost: kith\r\nX-Slow: ")
    for connection in (half, silent):
        _, took_s = until_closed(connection)
        assert took_s < 10
    assert server.ask("GET", "/healthz").status_code == 200


def test_a_body_that_never_ends_is_answered_and_closed(serve):
    server = serve(KITH_LIMITS_REQUEST_TIMEOUT_MS="1000")
    slow = raw(server)
    slow.sendall(b"POST /login HTTP/1.1\r\nHost: kith\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    answer = slow.recv(65536)
    assert b" 503 " in answer.splitlines()[0] or b" 408 " in answer.splitlines()[0], answer


def test_too_many_connections_of_one_address_find_no_place(serve):
    server = serve(KITH_LIMITS_CONNECTIONS_PER_ADDRESS="4")
    held = [raw(server) for _ in range(4)]
    answer, _ = until_closed(raw(server))
    assert answer.startswith(b"HTTP/1.1 503 ") and b"Retry-After" in answer
    for connection in held:
        connection.close()
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            assert server.ask("GET", "/healthz").status_code in (200, 503)
            break
        except httpx.HTTPError:
            assert time.monotonic() < deadline


def test_addresses_and_heads_have_an_end(serve):
    server = serve()
    assert server.ask("GET", "/healthz?" + "x" * 10_000).status_code == 414
    assert server.ask("GET", "/healthz", headers={"x-large": "y" * 100_000}).status_code == 431


def test_whoever_asks_too_often_is_told_when_to_come_back(serve):
    server = serve(KITH_LIMITS_RATES="true", KITH_LIMITS_LOGIN_PER_USER="3/hour")
    body = {"username": "nobody@example.org", "password": PASSWORD}
    answers = [server.ask("POST", "/login", json=body) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert answers[-1].json()["code"] == "too-many-requests"


def test_a_flood_of_sign_ins_waits_in_a_bounded_queue(serve):
    server = serve(KITH_LIMITS_LOGIN_THREADS="1", KITH_LIMITS_LOGIN_QUEUE_MAX="2")
    body = b'{"username":"nobody@example.org","password":"a long sentence is fine"}'
    head = b"POST /login HTTP/1.1\r\nHost: kith\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    flood = [raw(server) for _ in range(40)]
    for connection in flood:
        connection.sendall(head + body)
    codes = [connection.recv(65536).split(b" ")[1] for connection in flood]
    assert set(codes) == {b"401", b"429"}
    assert server.ask("GET", "/healthz").status_code == 200


def test_behind_a_trusted_proxy_the_client_is_counted_not_the_proxy(serve):
    server = serve(KITH_LIMITS_RATES="true", KITH_LIMITS_LOGIN_PER_ADDRESS="1/hour", KITH_SERVER_TRUSTED_PROXIES="127.0.0.1")
    body = {"username": "nobody@example.org", "password": PASSWORD}

    def login(client):
        return server.ask("POST", "/login", json=body, headers={"x-forwarded-for": client}).status_code

    assert [login("192.0.2.1"), login("192.0.2.1"), login("192.0.2.2")] == [401, 429, 401]


def test_without_a_trusted_proxy_nobody_chooses_an_address(serve):
    server = serve(KITH_LIMITS_RATES="true", KITH_LIMITS_LOGIN_PER_ADDRESS="1/hour")
    body = {"username": "nobody@example.org", "password": PASSWORD}
    codes = [
        server.ask("POST", "/login", json=body, headers={"x-forwarded-for": client}).status_code
        for client in ("192.0.2.1", "192.0.2.2")
    ]
    assert codes == [401, 429]


def certificate(folder, authority):
    made = authority.issue_cert("127.0.0.1")
    made.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "chain.pem").write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))


def test_certificate_files_encrypt_and_are_read_again(serve, tmp_path):
    authority, successor = trustme.CA(), trustme.CA()
    certificate(tmp_path, authority)
    server = serve(
        KITH_TLS_CERTIFICATE_FILE=str(tmp_path / "chain.pem"),
        KITH_TLS_KEY_FILE=str(tmp_path / "key.pem"),
    )

    def healthy(trusted):
        context = ssl.create_default_context()
        trusted.configure_trust(context)
        answer = httpx.get(f"https://{server.address}/healthz", verify=context)
        assert answer.headers["strict-transport-security"]
        return answer.status_code == 200

    assert healthy(authority)
    certificate(tmp_path, successor)
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            assert healthy(successor)
            break
        except httpx.ConnectError:
            assert time.monotonic() < deadline


def test_an_answer_carries_its_name_and_makes_browsers_careful(serve):
    answer = serve().ask("GET", "/healthz", headers={"origin": "https://evil.example"})
    assert answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers
    assert "strict-transport-security" not in answer.headers


def test_logs_name_nobody(serve):
    server = serve(KITH_LOG_LEVEL="trace")
    anna = server.person("Zebediah")
    anna.call("POST", "/message/send", json={"receiver_id": anna.id, "message": "a-canary-in-the-mine"})
    anna.call("POST", "/logout")
    server.stop()
    log = (server.folder / "kith.log").read_text()
    assert log
    for secret in ("a-canary-in-the-mine", "Zebediah", anna.email, PASSWORD, anna.token, "127.0.0.1"):
        assert secret not in log, secret
