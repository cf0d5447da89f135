"""What is asked of every target, and what must come back."""

import json
import random
from collections import namedtuple

from client import Failed, call

ENDPOINT = "/v1/chat/completions"
REQUEST_BYTES = 4096
ANSWER_BYTES = 2048
EVENTS = 200
EVENT_BYTES = 200

# `pace_us`: the time between two events of one stream, None where nothing is streamed, 0 where
# the backend writes as fast as it can. `requests`: of one round; each target's run takes about a
# second or less. `body`: the request's length in bytes.
Case = namedtuple("Case", "name title pace_us connections requests body")

PLAIN = "Plain JSON, 4 KB in, 2 KB out"
FLOOD = "Stream, chunks without pause"
CASES = [
    Case("plain-1", f"{PLAIN}, 1 connection", None, 1, 5000, REQUEST_BYTES),
    Case("plain-8", f"{PLAIN}, 8 connections", None, 8, 12000, REQUEST_BYTES),
    Case("plain-64", f"{PLAIN}, 64 connections", None, 64, 16000, REQUEST_BYTES),
    Case("plain-512", f"{PLAIN}, 512 connections", None, 512, 16000, REQUEST_BYTES),
    Case("flood-1", f"{FLOOD}, 1 connection", 0, 1, 200, REQUEST_BYTES),
    Case("flood-8", f"{FLOOD}, 8 connections", 0, 8, 320, REQUEST_BYTES),
    Case("flood-64", f"{FLOOD}, 64 connections", 0, 64, 320, REQUEST_BYTES),
    Case("flood-512", f"{FLOOD}, 512 connections", 0, 512, 512, REQUEST_BYTES),
    Case("paced-1", "Stream, a chunk every 1 ms, 1 connection", 1000, 1, 5, REQUEST_BYTES),
    Case("paced-64", "Stream, a chunk every 5 ms, 64 connections", 5000, 64, 64, REQUEST_BYTES),
    Case("talk-200k", "A conversation of 200 KB, 2 KB out, 1 connection", None, 1, 600, 200 << 10),
    Case("talk-8m", "A conversation of 8 MB, 2 KB out, 1 connection", None, 1, 20, 8 << 20),
]

# LiteLLM does about a hundred requests a second: it gets as many requests as it answers in a few
# seconds, and not the cases that would take it minutes. It drops the field with the stub's stamp,
# so that chunks cannot be timed through it.
LITELLM_REQUESTS = {
    "plain-1": 200,
    "plain-8": 300,
    "plain-64": 320,
    "plain-512": 512,
    "flood-1": 10,
    "flood-8": 16,
    "flood-64": 64,
    "talk-200k": 40,
    "talk-8m": 2,
}
# Those whose names the stub gets to see in the path; see settings/litellm.yaml.
LITELLM_MODELS = {None: "bench-plain", 0: "bench-flood"}

VOCABULARY = (
    "please could you explain how the garden water pump works when its filter is old and "
    "what I should check first before calling somebody who repairs such machines today"
).split()


def request_body(case, model="bench-model"):
    """A chat of exactly as many bytes as asked for: a system prompt, earlier turns, a question."""
    pick = random.Random(20240607).choice

    def prose(count):
        return " ".join(pick(VOCABULARY) for _ in range(count))

    # The stub looks for these two in the first bytes only.
    body = {
        "stream": case.pace_us is not None,
        "bench_pace_us": case.pace_us or 0,
        "model": model,
        "messages": [
            {"role": "system", "content": "You are the assistant of a repair shop. " + prose(150)}
        ],
        "temperature": 0.7,
        "max_tokens": 800,
    }

    def encode():
        return json.dumps(body, separators=(",", ":")).encode()

    turns = [{"role": "user", "content": prose(120)}, {"role": "assistant", "content": prose(160)}]
    turn_bytes = len(json.dumps(turns))
    last = {"role": "user", "content": ""}
    body["messages"] += turns * max(1, (case.body - len(encode()) - turn_bytes) // turn_bytes)
    body["messages"].append(last)
    room = case.body - len(encode())
    last["content"] = prose(room)[:room]
    encoded = encode()
    if len(encoded) != case.body:
        raise Failed(f"the request has {len(encoded)} bytes instead of {case.body}")
    return encoded


class Inputs:
    """The files that the load generator reads: bodies to send, answers to expect."""

    def __init__(self, directory, cases, stub):
        self.directory = directory
        for case in cases:
            self.body(case).write_bytes(request_body(case))
            if case.pace_us in LITELLM_MODELS:
                model = LITELLM_MODELS[case.pace_us]
                self.body(case, rewritten=True).write_bytes(request_body(case, model))
        one = Case("", "", None, 1, 1, REQUEST_BYTES)
        _, _, plain = call(stub.address, "POST", ENDPOINT, request_body(one))
        if len(plain) != ANSWER_BYTES:
            raise Failed(f"the stub's answer has {len(plain)} bytes")
        _, _, stream = call(stub.address, "POST", ENDPOINT, request_body(one._replace(pace_us=0)))
        content = json.loads(plain)["choices"][0]["message"]["content"].encode()
        (directory / "expect-plain").write_bytes(plain)
        (directory / "expect-content").write_bytes(content)
        (directory / "expect-stream").write_bytes(_text_of(stream))

    def body(self, case, rewritten=False):
        kind = "rewritten" if rewritten else "body"
        return self.directory / f"{kind}-{case.pace_us}-{case.body}"

    def expected(self, case, rewritten=False):
        """As arguments of the load generator."""
        if case.pace_us is not None:
            return ["--stream", "--expect", str(self.directory / "expect-stream")]
        if rewritten:
            return ["--content-only", "--expect", str(self.directory / "expect-content")]
        return ["--expect", str(self.directory / "expect-plain")]


def _text_of(stream):
    """The deltas' text of a stream, after checking that the stream is what it should be."""
    events = stream.split(b"\n\n")
    if len(events) != EVENTS + 2 or events[-2:] != [b"data: [DONE]", b""]:
        raise Failed(f"the stub's stream has {len(events)} events")
    if any(len(event) + 2 != EVENT_BYTES for event in events[:EVENTS]):
        raise Failed(f"the stub's events are not {EVENT_BYTES} bytes long")
    deltas = [json.loads(event[6:])["choices"][0]["delta"] for event in events[:EVENTS]]
    return "".join(delta.get("content", "") for delta in deltas).encode()
