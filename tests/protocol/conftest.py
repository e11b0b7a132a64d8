"""Fixtures: one server for all tests that leave it running, and a fresh one for those that do not."""

import pytest

from kith_protocol import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("kith"))
    yield server
    server.stop()
    assert server.process.returncode == 0


@pytest.fixture
def own_server(tmp_path):
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def anna(server):
    return server.person("Anna")


@pytest.fixture
def ben(server):
    return server.person("Ben")
