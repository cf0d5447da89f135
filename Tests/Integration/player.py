"""A model server in a process of its own that plays scripted answers and remembers what it was sent.

Started by `backend.Backend`. It speaks HTTP/1.1 on a TCP or Unix socket with blocking sockets and
a thread a connection, so that nothing of a web framework stands between a test and the bytes.
"""

from __future__ import annotations

import argparse
import fcntl
import gzip
import json
import re
import select
import socket
import ssl
import struct
import sys
import termios
import threading
import time
from multiprocessing.connection import Listener

from answers import Answer, completion, dumps

MODEL = re.compile(rb'"model"\s*:\s*"((?:[^"\\]|\\.)*)"')


class Gone(Exception):
    """The peer closed its end."""


class Player:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.scripts: dict[tuple[str | None, str | None], Answer] = {}
        self.played: dict[int, int] = {}
        self.requests: list[dict] = []
        self.log: list[tuple[str, float]] = []
        self.connections = 0
        #: Bytes of answers that the kernel has taken.
        self.sent = 0

    # What the test says over the control socket.

    def script(self, answer: Answer, path: str | None, model: str | None) -> None:
        with self.lock:
            self.scripts[(path, model)] = answer

    def clear(self) -> None:
        with self.lock:
            self.scripts.clear()
            self.requests.clear()
            self.log.clear()

    def take(self) -> list[dict]:
        with self.lock:
            taken, self.requests = self.requests, []
            return taken

    def state(self) -> dict:
        with self.lock:
            return {
                "requests": len(self.requests),
                "log": list(self.log),
                "connections": self.connections,
                "sent": self.sent,
            }

    def note(self, what: str) -> None:
        with self.lock:
            self.log.append((what, time.monotonic()))

    def answer_for(self, path: str, body: bytes) -> tuple[Answer, int]:
        found = MODEL.search(body)
        model = found.group(1).decode(errors="replace") if found else None
        with self.lock:
            for key in ((path, model), (None, model), (path, None), (None, None)):
                if key in self.scripts:
                    answer = self.scripts[key]
                    turn = self.played.get(id(answer), 0)
                    self.played[id(answer)] = turn + 1
                    return answer, turn
        return Answer(body=dumps(completion())), 0


class Connection:
    def __init__(self, player: Player, sock: socket.socket, unix: bool) -> None:
        self.player = player
        self.sock = sock
        self.unix = unix
        self.buffer = b""

    def run(self) -> None:
        try:
            while self.exchange():
                pass
        except (Gone, OSError):
            pass
        finally:
            self.sock.close()

    # Reading a request.

    def more(self) -> None:
        data = self.sock.recv(1 << 20)
        if not data:
            raise Gone
        self.buffer += data

    def line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            self.more()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def exactly(self, count: int) -> bytes:
        parts, have = [self.buffer[:count]], min(len(self.buffer), count)
        self.buffer = self.buffer[count:]
        while have < count:
            data = self.sock.recv(min(1 << 20, count - have))
            if not data:
                raise Gone
            parts.append(data)
            have += len(data)
        return b"".join(parts)

    def exchange(self) -> bool:
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.split(b"\r\n")
        method, target, _ = lines[0].decode("latin-1").split(" ", 2)
        headers = [
            (name.decode("latin-1"), value.strip().decode("latin-1"))
            for name, _, value in (line.partition(b":") for line in lines[1:])
        ]
        named = {name.lower(): value for name, value in headers}
        if named.get("expect", "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if named.get("transfer-encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.line().split(b";")[0], 16):
                parts.append(self.exactly(size))
                self.line()
            while self.line():
                pass
            body = b"".join(parts)
        else:
            body = self.exactly(int(named.get("content-length", "0")))
        path = target.split("?", 1)[0]
        with self.player.lock:
            self.player.requests.append(
                {
                    "method": method,
                    "target": target,
                    "headers": headers,
                    "head": head,
                    "body": body,
                    "at": time.monotonic(),
                }
            )
        answer, turn = self.player.answer_for(path, body)
        if answer.echo:
            answer = Answer(body=dumps(completion(last_user_text(body))))
        return self.play(answer, turn)

    # Playing an answer.

    def wait(self, seconds: float | None) -> None:
        """Lets time pass, and notices a peer that goes away meanwhile."""
        poll = select.poll()
        poll.register(self.sock, select.POLLIN | select.POLLRDHUP | select.POLLHUP)
        if not poll.poll(None if seconds is None else seconds * 1000):
            return
        try:
            data = self.sock.recv(1)
        except OSError:
            data = b""
        if not data:
            self.player.note("disconnect")
            raise Gone
        self.buffer += data

    def send(self, piece: bytes) -> None:
        try:
            for start in range(0, len(piece), 1 << 16):
                part = piece[start : start + (1 << 16)]
                self.sock.sendall(part)
                with self.player.lock:
                    self.player.sent += len(part)
        except OSError:
            self.player.note("disconnect")
            raise

    def drain(self) -> None:
        """Waits until the reader has taken everything: the kernel says so of Unix sockets only."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            waiting = struct.unpack("i", fcntl.ioctl(self.sock, termios.TIOCOUTQ, b"\0\0\0\0"))[0]
            if waiting == 0:
                return
            time.sleep(0)

    def play(self, answer: Answer, turn: int) -> bool:
        if answer.hold == "head":
            self.wait(None)
        if answer.delay:
            self.wait(answer.delay)
        if answer.raw is not None:
            self.send(answer.raw)
            return False
        body = gzip.compress(answer.body) if answer.gzip else answer.body
        head = [f"HTTP/1.1 {answer.status} Played", f"content-type: {answer.content_type}"]
        head += [f"{name}: {value}" for name, value in answer.headers]
        if answer.gzip:
            head.append("content-encoding: gzip")
        if answer.framing == "length":
            head.append(f"content-length: {len(body)}")
        elif answer.framing == "chunked":
            head.append("transfer-encoding: chunked")
        else:
            head.append("connection: close")
        start = "\r\n".join(head).encode("latin-1") + b"\r\n\r\n"

        dies = answer.die_after is not None
        if dies:
            body = body[: answer.die_after]
        cuts = answer.cuts[turn % len(answer.cuts)] if answer.cuts else ()
        if answer.level == "wire":
            wire = start + self.framed(body, answer.framing)
            if answer.framing == "chunked" and not dies and answer.hold != "end":
                wire += b"0\r\n\r\n"
            self.pieces(cut(wire, cuts, answer.each_byte), answer)
        else:
            self.send(start)
            self.settle(answer)
            parts = cut(body, cuts, answer.each_byte)
            self.pieces([self.framed(part, answer.framing) for part in parts], answer)
            if answer.hold == "end":
                self.wait(None)
            if answer.framing == "chunked" and not dies:
                self.send(b"0\r\n\r\n")
        if dies:
            # A reset rather than a clean end, where the socket knows the difference.
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        return answer.framing != "close"

    def framed(self, part: bytes, framing: str) -> bytes:
        return b"%x\r\n%b\r\n" % (len(part), part) if framing == "chunked" and part else part

    def pieces(self, parts: list[bytes], answer: Answer) -> None:
        for part in parts:
            self.send(part)
            self.settle(answer)

    def settle(self, answer: Answer) -> None:
        if answer.pause:
            self.wait(answer.pause)
        elif (answer.cuts or answer.each_byte) and self.unix:
            self.drain()


def cut(data: bytes, cuts: tuple[int, ...], each_byte: bool) -> list[bytes]:
    if each_byte:
        return [data[place : place + 1] for place in range(len(data))]
    places = [0, *(place for place in sorted(set(cuts)) if 0 < place < len(data)), len(data)]
    return [data[a:b] for a, b in zip(places, places[1:])] if data else []


def last_user_text(body: bytes) -> str:
    for message in reversed(json.loads(body).get("messages", [])):
        if message.get("role") == "user":
            content = message.get("content")
            if isinstance(content, str):
                return content
            return "".join(part.get("text", "") for part in content)
    return ""


def serve(player: Player, listener: socket.socket, tls: ssl.SSLContext | None, unix: bool) -> None:
    while True:
        sock, _ = listener.accept()
        with player.lock:
            player.connections += 1

        def run(sock=sock):
            try:
                if not unix:
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connected = tls.wrap_socket(sock, server_side=True) if tls else sock
            except (OSError, ssl.SSLError) as refused:
                player.note(f"tls: {type(refused).__name__}")
                return
            Connection(player, connected, unix).run()

        threading.Thread(target=run, daemon=True).start()


def control(player: Player, link) -> None:
    with link:
        while True:
            try:
                name, *arguments = link.recv()
            except (EOFError, OSError):
                return
            link.send(getattr(player, name)(*arguments))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", required=True)
    parser.add_argument("--unix")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    options = parser.parse_args()

    player = Player()
    tls = None
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate, options.key)
    if options.unix:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(options.unix)
    else:
        listener = socket.socket(socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((options.host, options.port))
    listener.listen(1024)
    threading.Thread(
        target=serve, args=(player, listener, tls, bool(options.unix)), daemon=True
    ).start()
    with Listener(options.control, "AF_UNIX") as door:
        print(json.dumps({"port": None if options.unix else listener.getsockname()[1]}), flush=True)
        # One test process controls a player; when it goes, so does the player.
        control(player, door.accept())
    sys.exit(0)


if __name__ == "__main__":
    main()
