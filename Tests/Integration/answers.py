"""What a played backend answers, and the chat completions it is usually made of."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass
class Answer:
    """One answer of the player: its bytes, and how they are handed to the network.

    `cuts` says where the bytes are cut apart; each piece is sent by itself, and on a Unix socket
    the next one only after the reader has taken the last (so every cut is a cut for the reader).
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)
    #: "length", "chunked" or "close" (the end of the connection ends the body).
    framing: str = "length"
    #: Cut positions; with several tuples the n-th request gets the n-th, round and round.
    cuts: list[tuple[int, ...]] = field(default_factory=list)
    #: One byte at a time, whatever `cuts` says.
    each_byte: bool = False
    #: What is cut: "body" (each piece is a chunk of its own where chunked) or "wire" (everything).
    level: str = "body"
    #: Seconds before the head, and between pieces.
    delay: float = 0.0
    pause: float = 0.0
    #: Cut the connection off after so many bytes of the body.
    die_after: int | None = None
    gzip: bool = False
    #: Never answer ("head"), or stop after the body was sent without ending it ("end"), until the
    #: peer goes away.
    hold: str | None = None
    #: Answer with the last user message instead of `body`.
    echo: bool = False
    #: Send these very bytes instead of an answer, and then close the connection.
    raw: bytes | None = None


def sse(body: bytes, **how) -> Answer:
    """A streamed answer."""
    how.setdefault("framing", "chunked")
    return Answer(body=body, content_type="text/event-stream; charset=utf-8", **how)


def whole(body: bytes | dict, **how) -> Answer:
    """A JSON answer in one piece."""
    return Answer(body=body if isinstance(body, bytes) else dumps(body), **how)


def dumps(value) -> bytes:
    """Compact JSON, as APIs write it, without escaping beyond ASCII."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def completion(
    content: str | None = "Hello.", *, finish="stop", choices=None, tool_calls=None, model="played", **message
) -> dict:
    """A whole chat completion."""
    if choices is None:
        body = {"role": "assistant", "content": content, **message}
        if tool_calls:
            body["tool_calls"] = tool_calls
        choices = [{"index": 0, "message": body, "logprobs": None, "finish_reason": finish}]
    return {
        "id": "chatcmpl-played",
        "object": "chat.completion",
        "created": 1760000000,
        "model": model,
        "choices": choices,
        "usage": {"prompt_tokens": 7, "completion_tokens": 11, "total_tokens": 18},
    }


def chunk(delta: dict | None = None, *, index=0, finish=None, choices=None, model="played", **more) -> dict:
    """One chunk of a streamed chat completion."""
    if choices is None:
        choices = [{"index": index, "delta": delta or {}, "finish_reason": finish}]
    return {
        "id": "chatcmpl-played",
        "object": "chat.completion.chunk",
        "created": 1760000000,
        "model": model,
        "choices": choices,
        **more,
    }


def events(chunks: list[dict | bytes], *, done=True) -> bytes:
    """Chunks as server-sent events, closed by `[DONE]`."""
    lines = [b"data: " + (one if isinstance(one, bytes) else dumps(one)) + b"\n\n" for one in chunks]
    return b"".join(lines) + (b"data: [DONE]\n\n" if done else b"")


def stream(pieces: list[str], *, usage=False, key="content", **how) -> bytes:
    """The stream of one choice whose text comes in `pieces`."""
    chunks = [chunk({"role": "assistant", "content": ""})]
    chunks += [chunk({key: piece}) for piece in pieces]
    chunks.append(chunk({}, finish="stop"))
    if usage:
        chunks.append(
            chunk(choices=[], usage={"prompt_tokens": 7, "completion_tokens": 11, "total_tokens": 18})
        )
    return events(chunks, **how)


def pieces_of(text: str, size: int) -> list[str]:
    """A text in pieces of `size` characters, as a tokenizer would."""
    return [text[start : start + size] for start in range(0, len(text), size)]
