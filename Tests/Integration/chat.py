"""Reads streamed chat completions strictly: what is not a well-formed stream is an assertion."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass
class Choice:
    content: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool_arguments: dict[int, str] = field(default_factory=dict)
    finishes: list[str] = field(default_factory=list)

    @property
    def finish(self) -> str | None:
        return self.finishes[-1] if self.finishes else None


@dataclass
class Stream:
    choices: dict[int, Choice]
    events: list[dict]
    usage: dict | None
    done: bool

    def __getitem__(self, index: int) -> Choice:
        return self.choices[index]


def payloads(body: bytes) -> list[bytes]:
    """The `data` of each event of a stream (WHATWG server-sent events)."""
    found, data = [], []
    *lines, rest = body.replace(b"\r\n", b"\n").split(b"\n")
    assert not rest, f"the stream ends in the middle of a line: {body[-80:]!r}"
    for line in lines:
        if not line:
            if data:
                found.append(b"\n".join(data))
            data = []
        elif line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
    assert not data, f"the stream ends in the middle of an event: {body[-80:]!r}"
    return found


def read(body: bytes) -> Stream:
    """The choices of a stream, joined; asserts that it is well-formed."""
    choices: dict[int, Choice] = {}
    seen, usage, done = [], None, False
    for payload in payloads(body):
        assert not done, "something came after [DONE]"
        if payload == b"[DONE]":
            done = True
            continue
        event = json.loads(payload)
        seen.append(event)
        usage = event.get("usage") or usage
        for part in event.get("choices", []):
            choice = choices.setdefault(part["index"], Choice())
            delta = part.get("delta") or {}
            text = delta.get("content") or ""
            more = bool(text or delta.get("tool_calls"))
            assert not (choice.finishes and more), "text came after a choice had finished"
            choice.content += text
            choice.reasoning += delta.get("reasoning_content") or delta.get("reasoning") or ""
            choice.refusal += delta.get("refusal") or ""
            for call in delta.get("tool_calls") or []:
                arguments = (call.get("function") or {}).get("arguments") or ""
                place = call.get("index", 0)
                choice.tool_arguments[place] = choice.tool_arguments.get(place, "") + arguments
            if part.get("finish_reason"):
                choice.finishes.append(part["finish_reason"])
    for index, choice in choices.items():
        assert len(choice.finishes) <= 1, f"choice {index} finished {len(choice.finishes)} times"
    return Stream(choices, seen, usage, done)
