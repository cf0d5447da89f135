"""A raw HTTP/1.1 client with keep-alive: what it returns is what came over the socket."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass


class Broken(Exception):
    """The connection ended before the answer did; `partial` is the body so far."""

    def __init__(self, partial: bytes, head: bytes = b""):
        super().__init__(f"the answer broke off after {len(partial)} bytes of body")
        self.partial = partial
        self.head = head


@dataclass
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    #: The body in the chunks in which it came, where it was chunked.
    chunks: list[bytes]

    def header(self, name: str) -> str | None:
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    def json(self):
        return json.loads(self.body)


class Wire:
    """One connection; it is opened again where the server closed it after an answer."""

    def __init__(self, address: str | tuple[str, int], timeout=30.0):
        self.address = address if isinstance(address, tuple) else str(address)
        self.timeout = timeout
        self.sock: socket.socket | None = None
        self.buffer = b""

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def connect(self) -> socket.socket:
        if self.sock is None:
            unix = isinstance(self.address, str)
            self.sock = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
            self.sock.settimeout(self.timeout)
            self.sock.connect(self.address)
            self.buffer = b""
        return self.sock

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()
            self.sock = None

    # Asking.

    def send(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self.connect().sendall(data)

    def ask(self, method: str, target: str, body: bytes | None = None, headers=()) -> None:
        """Sends one request."""
        lines = [f"{method} {target} HTTP/1.1", "host: localhost"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body is not None:
            lines.append(f"content-length: {len(body)}")
            if not any(name.lower() == "content-type" for name, _ in headers):
                lines.append("content-type: application/json")
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b""))

    def request(self, method: str, target: str, body: bytes | None = None, headers=()) -> Reply:
        """Sends one request and reads its answer."""
        self.ask(method, target, body, headers)
        return self.reply(method)

    def get(self, target: str, headers=()) -> Reply:
        return self.request("GET", target, None, headers)

    def put(self, target: str, value, headers=()) -> Reply:
        return self.request("PUT", target, json.dumps(value).encode(), headers)

    def post(self, target: str, value, headers=()) -> Reply:
        return self.request("POST", target, json.dumps(value).encode(), headers)

    def delete(self, target: str, headers=()) -> Reply:
        return self.request("DELETE", target, None, headers)

    def chat(self, body: bytes | dict, headers=()) -> Reply:
        """One chat completion, of exact bytes or of a JSON value."""
        exact = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request("POST", "/v1/chat/completions", exact, headers)

    # Reading.

    def _more(self) -> bool:
        data = self.connect().recv(1 << 18)
        self.buffer += data
        return bool(data)

    def _until(self, mark: bytes, so_far: bytes) -> bytes:
        while mark not in self.buffer:
            if not self._more():
                raise Broken(so_far)
        part, self.buffer = self.buffer.split(mark, 1)
        return part

    def _exactly(self, count: int, so_far: list[bytes]) -> bytes:
        while len(self.buffer) < count:
            if not self._more():
                raise Broken(b"".join(so_far) + self.buffer)
        part, self.buffer = self.buffer[:count], self.buffer[count:]
        return part

    def reply(self, method="POST") -> Reply:
        """Reads one answer."""
        try:
            status, headers = self.reply_head()
            named = {name.lower(): value for name, value in headers}
            chunks: list[bytes] = []
            if method == "HEAD" or status in (204, 304):
                body = b""
            elif named.get("transfer-encoding", "").lower() == "chunked":
                while True:
                    so_far = b"".join(chunks) if b"\r\n" not in self.buffer else b""
                    size = int(self._until(b"\r\n", so_far).split(b";")[0], 16)
                    if size == 0:
                        while self._until(b"\r\n", b"".join(chunks)):
                            pass
                        break
                    chunks.append(self._exactly(size, chunks))
                    self._until(b"\r\n", b"")
                body = b"".join(chunks)
            elif "content-length" in named:
                body = self._exactly(int(named["content-length"]), [])
            else:
                while self._more():
                    pass
                body, self.buffer = self.buffer, b""
                self.close()
            if named.get("connection", "").lower() == "close":
                self.close()
            return Reply(status, headers, body, chunks)
        except (Broken, OSError):
            self.close()
            raise

    def reply_head(self) -> tuple[int, list[tuple[str, str]]]:
        """Reads the head of an answer, skipping `100 Continue`."""
        while True:
            head = self._until(b"\r\n\r\n", b"").decode("latin-1").split("\r\n")
            status = int(head[0].split(" ", 2)[1])
            if status >= 200:
                break
        return status, [
            (name, value.strip()) for name, _, value in (line.partition(":") for line in head[1:])
        ]
