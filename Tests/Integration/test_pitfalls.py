"""Where other gateways broke: each of these has at least one test here.

A test says which by `@pytest.mark.pitfall(NUMBER)`.
"""

import re
from pathlib import Path

HERE = Path(__file__).parent

PITFALLS = {
    1: "With stream: true no byte of a match leaves before its verdict",
    2: "The same rule acts in every dialect",
    3: "Nothing is reported as scanned that was not",
    4: "A literal split across deltas is caught, at any split",
    5: "So are tool-call arguments split across deltas",
    6: "With n=2 the second choice is enforced too",
    7: "Reasoning and thinking text is enforced alike on every route",
    8: "In the Responses API every event that repeats a text agrees with what was streamed",
    9: "Unknown events, other formats and answers of the wrong kind are handled or failed closed",
    10: "A rule whose evaluation fails, fails closed",
    11: "A block is a well-formed ending in the dialect",
    12: "WebSocket and realtime endpoints are refused with a clear error",
    13: "A block is not something the SDKs retry",
    14: "Usage chunks only when the client asked; a chunk without choices harms nothing",
    15: "Tool-call deltas without an id are joined by index",
    16: "Thinking signatures arrive byte for byte; a changed thinking block loses its",
    17: "event: lines, comments, pings, CRLF, BOM and retry: survive",
    18: "A backend that dies in the middle of a stream never looks like a clean end",
    19: "A compressed answer is decoded or not asked for, and enforced",
    20: "A client that goes away cancels the backend's work",
    21: "Chunked request bodies obey the size limit; Expect: 100-continue is answered",
    22: "A 12 MiB image passes; over the limit is 413 in JSON",
    23: "A pooled connection that the backend closed is retried only when nothing was sent",
    24: "Streams time out on idleness, not on length; the wait for headers is bounded",
    25: "Any Host works on a Unix socket; two do not",
    26: "Duplicate JSON keys cannot make prefd and the backend read different requests",
    27: "Unchanged preferences give byte-identical text every turn",
    28: "The client's cache_control breakpoints survive and stay before the block",
    29: "Exactly one block a request, also when one comes back",
    30: "Stored text cannot act as an instruction over the rules",
    31: "Identity never comes from body or header",
    32: "Redaction covers errors and metadata too",
    33: "Health checks never cost a model call",
}

#: Those that are tested below the programs: the file, and the test's name in it.
IN_SWIFT = {
    23: ("UnixHTTPTests/ClientFailureTests.swift", "a request that was sent is never sent again"),
}


def marked() -> set[int]:
    found = set()
    for file in HERE.glob("test_*.py"):
        for numbers in re.findall(r"^@pytest\.mark\.pitfall\(([\d, ]+)\)$", file.read_text(), re.MULTILINE):
            found.update(int(number) for number in numbers.split(","))
    return found


def test_each_has_a_test():
    for file, name in IN_SWIFT.values():
        assert f'"{name}"' in (HERE.parent / file).read_text()
    missing = PITFALLS.keys() - marked() - IN_SWIFT.keys()
    assert not missing, "without a test: " + "; ".join(f"{number}: {PITFALLS[number]}" for number in sorted(missing))
