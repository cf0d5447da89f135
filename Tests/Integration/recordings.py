"""Recorded streams of real model servers, where the shared data is at hand."""

from __future__ import annotations

import functools
import gzip
import json
import re

from shared_data import needed


#: What a line of a stream may be (WHATWG server-sent events); others are ignored by clients.
_LINE = re.compile(r"(?:(?:data|event|id|retry)(?::.*)?|:.*|)\r?")


def streams(kind: str) -> list[dict]:
    """The recordings of a kind (`chat`, `messages`, `responses`); skips the test without them, and
    fails it in CI."""
    return [row for row in _all() if row["kind"] == kind and _is_plain(row)]


def chat() -> list[dict]:
    """The recorded chat completions."""
    return streams("chat")


def mislabelled() -> list[dict]:
    """Those with a line that is no field of a stream, such as ` data:` with a space in front."""
    return [row for row in _all() if row["kind"] == "chat" and not _is_plain(row)]


def _is_plain(row: dict) -> bool:
    return all(_LINE.fullmatch(line) for line in row["response_sse"].split("\n"))


@functools.cache
def _all() -> list[dict]:
    path = needed("sse-recordings/streams.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def name(row: dict) -> str:
    """Where a recording comes from, for messages."""
    return f"{row['source']} {row['path']} #{row['interaction']}"
