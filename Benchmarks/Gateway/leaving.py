"""How soon a backend hears that the client has gone: by each proxy, in turns, on a backend of its own."""

import json
import queue
import socket
import threading
import time
from statistics import quantiles

from cases import ENDPOINT
from targets import start_haproxy, start_nginx, start_prefd

TIMES = 100  # that a client goes, of each proxy and in each situation
PATIENCE = 2  # seconds for the backend to hear of it
GIVEN_UP = 3  # times that it did not, after which it is not tried any more
SITUATIONS = {
    "plain": "a plain request, no answer yet",
    "waiting": "a stream, no answer yet",
    "streaming": "in the middle of a stream",
}
_MODELS = b'{"object":"list","data":[]}'
_EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"Well, "},"finish_reason":null}]}\n\n'
_BEGUN = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    + f"{len(_EVENT):x}\r\n".encode()
    + _EVENT
    + b"\r\n"
)


class _Backend:
    """Takes requests, answers none to its end, and tells when the one who asked is gone."""

    def __init__(self, directory):
        directory.mkdir(mode=0o700)
        self.path = directory / "s"
        self.streams = False
        self.asked = queue.Queue()
        self.gone = queue.Queue()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(self.path))
        self._socket.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        got = b""
        with connection:
            while piece := _received(connection):
                got += piece
                head, end, body = got.partition(b"\r\n\r\n")
                if not end or len(body) < _length(head):
                    continue
                got = b""
                if head.startswith(b"GET"):
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                        + f"content-length: {len(_MODELS)}\r\n\r\n".encode()
                        + _MODELS
                    )
                    continue
                if self.streams:
                    connection.sendall(_BEGUN)
                self.asked.put(None)
                if not _received(connection):
                    self.gone.put(time.monotonic_ns())
                return

    def close(self):
        self._socket.close()


def _received(connection):
    try:
        return connection.recv(1 << 16)
    except OSError:
        return b""


def _length(head):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def measure(bench):
    """{proxy: {situation: figures}}, in milliseconds from the client's `close` to the backend's end of file."""
    folder = bench.directory
    backend = _Backend(folder / "left")
    options = bench.options
    servers = {
        "nginx": start_nginx(folder / "nginx-left", backend),
        "haproxy": start_haproxy(folder / "haproxy-left", backend),
        "prefd-full": start_prefd(
            "prefd-left", options.prefd, folder / "prefd-left", backend, options.rules
        ),
    }
    bench.servers += servers.values()
    times = {name: {situation: [] for situation in SITUATIONS} for name in servers}
    missed = {name: dict.fromkeys(SITUATIONS, 0) for name in servers}
    for _ in range(TIMES):
        for situation in SITUATIONS:
            for name, server in servers.items():
                if missed[name][situation] == GIVEN_UP:
                    continue
                took = _leave(server, backend, situation)
                if took is None:
                    missed[name][situation] += 1
                else:
                    times[name][situation].append(took)
    for server in servers.values():
        server.stop()
    backend.close()
    return {
        name: {
            situation: _figures(times[name][situation], missed[name][situation])
            for situation in SITUATIONS
        }
        for name in servers
    }


def _leave(server, backend, situation):
    backend.streams = situation == "streaming"
    backend.asked, backend.gone = queue.Queue(), queue.Queue()
    request = {
        "model": "bench-model",
        "stream": situation != "plain",
        "messages": [{"role": "user", "content": "Is anybody there?"}],
    }
    body = json.dumps(request).encode()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        client.connect(str(server.directory / "s"))
        client.sendall(
            f"POST {ENDPOINT} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        backend.asked.get(timeout=30)
        got = b""
        while backend.streams and b"Well, " not in got:
            got += client.recv(1 << 16)
        begun = time.monotonic_ns()
    try:
        return (backend.gone.get(timeout=PATIENCE) - begun) / 1e6
    except queue.Empty:
        return None


def _figures(times, missed):
    figures = {"heard": len(times), "missed": missed}
    if len(times) > 1:
        cuts = quantiles(times, n=100, method="inclusive")
        figures |= {"p50_ms": cuts[49], "p99_ms": cuts[98], "most_ms": max(times)}
    return figures


def print_table(found):
    print("\nFrom a client's going to its backend's hearing of it (ms)")
    print(f"{'':34}" + "".join(f"{name:>34}" for name in found))
    print(f"{'':34}" + f"{'p50':>14}{'p99':>10}{'most':>10}" * len(found))
    for situation, told in SITUATIONS.items():
        cells = f"{told:34}"
        for row in found.values():
            figures = row[situation]
            if "p50_ms" in figures:
                cells += f"{figures['p50_ms']:14.2f}{figures['p99_ms']:10.2f}{figures['most_ms']:10.2f}"
            else:
                cells += f"{f'not within {PATIENCE} s':>34}"
        print(cells)
