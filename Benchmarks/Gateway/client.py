"""Single HTTP requests to an address of the benchmark: `unix:PATH` or `tcp:PORT`."""

import http.client
import socket


class Failed(Exception):
    """Something could not be set up or measured; the text says what."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, address):
        super().__init__("localhost", timeout=30)
        self.address = address

    def connect(self):
        kind, _, place = self.address.partition(":")
        if kind == "unix":
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            self.sock.connect(place)
        else:
            self.sock = socket.create_connection(("127.0.0.1", int(place)), self.timeout)


def call(address, method, target, body=None, headers=()):
    """One request: (status, headers, body)."""
    connection = _Connection(address)
    try:
        sent = dict(headers)
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, target, body=body, headers=sent)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def free_port():
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
