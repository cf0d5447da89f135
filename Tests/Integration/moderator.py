"""A moderation server and a guard model that tests steer by the name of the model they ask for."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: A text with this word is unsafe.
UNSAFE = "poisonword"


class Moderator:
    """Listens on loopback TCP; `asked` are the texts that models were to judge, by model."""

    def __init__(self):
        owner = self
        self.asked: list[tuple[str, str]] = []
        self.requests: list[tuple[str, dict, dict]] = []
        self.broken_off = threading.Event()
        #: Answers nobody, whatever model they ask for.
        self.is_stuck = False

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                text = body["input"] if "input" in body else body["messages"][-1]["content"]
                owner.asked.append((body["model"], text))
                owner.requests.append((self.path, dict(self.headers), body))
                status, answer = owner.answer(self.path, body["model"], text)
                if answer is None:
                    return self.wait_for_goodbye()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def wait_for_goodbye(self):
                self.connection.settimeout(20)
                if self.connection.recv(1) == b"":
                    owner.broken_off.set()
                self.close_connection = True

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str, model: str, text: str) -> tuple[int, bytes | None]:
        bad = UNSAFE in text
        if model == "never" or self.is_stuck:
            return 200, None
        if model == "slowly":
            time.sleep(0.1)
        if model == "failing":
            return 500, b'{"error":{"message":"out of order"}}'
        if model == "garbage":
            return 200, b'{"object":"nonsense"}'
        if model == "noise":
            return 200, b"\x00\xff not JSON"
        if path == "/v1/chat/completions":
            said = "unsafe\nS1" if bad else "safe"
            if model == "vague":
                said = "I would rather not say."
            message = {"role": "assistant", "content": said}
            return 200, json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
        result = {
            "flagged": bad,
            "categories": {"violence": bad, "sexual": False},
            "category_scores": {"violence": 0.93 if bad else 0.02, "sexual": 0.4},
        }
        return 200, json.dumps({"id": "modr-1", "model": model, "results": [result]}).encode()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
