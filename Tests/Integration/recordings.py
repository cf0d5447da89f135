"""Recorded streams of real model servers, where the shared data is at hand."""

from __future__ import annotations

import functools
import gzip
import json
import os
import re
from pathlib import Path

import pytest


def folder() -> Path | None:
    """The folder of shared test data: `PREFD_TEST_DATA`, or `shared/data` in a parent folder."""
    named = os.environ.get("PREFD_TEST_DATA")
    if named:
        return Path(named)
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "data").is_dir():
            return parent / "shared" / "data"
    return None


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
    base = folder()
    path = base / "sse-recordings" / "streams.jsonl.gz" if base else None
    if path is None or not path.is_file():
        reason = "no recorded streams here: set PREFD_TEST_DATA to the folder that holds sse-recordings"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def name(row: dict) -> str:
    """Where a recording comes from, for messages."""
    return f"{row['source']} {row['path']} #{row['interaction']}"
