"""JSONTestSuite through the real daemon: what is JSON arrives as it is, what is not goes nowhere."""

import json
import tarfile
from functools import cache

import pytest

from answers import completion, whole
from shared_data import needed
from test_bytes import inserted

#: Of the cases that parsers may take or refuse, those that prefd takes: numbers of any size, and
#: escapes of lone surrogates. Both are within the grammar, and go on as they are spelled. Refused is
#: what is not UTF-8, and a byte order mark.
TAKEN = {
    "number_double_huge_neg_exp",
    "number_huge_exp",
    "number_neg_int_huge_exp",
    "number_pos_double_huge_exp",
    "number_real_neg_overflow",
    "number_real_pos_overflow",
    "number_real_underflow",
    "number_too_big_neg_int",
    "number_too_big_pos_int",
    "number_very_big_negative_int",
    "object_key_lone_2nd_surrogate",
    "string_1st_surrogate_but_2nd_missing",
    "string_1st_valid_surrogate_2nd_invalid",
    "string_incomplete_surrogate_and_escape_valid",
    "string_incomplete_surrogate_pair",
    "string_incomplete_surrogates_escape_valid",
    "string_invalid_lonely_surrogate",
    "string_invalid_surrogate",
    "string_inverted_surrogates_U+1D11E",
    "string_lone_second_surrogate",
    "structure_500_nested_arrays",
}


@cache
def suite() -> dict[str, bytes]:
    """The cases by name, without `.json`; those of test_transform are `t_`."""
    found = {}
    with tarfile.open(needed("json-test-suite/json_cases.tar.gz")) as archive:
        for member in archive.getmembers():
            if not member.isfile():
                continue
            folder, _, file = member.name.rpartition("/")
            name = ("t_" if folder.endswith("transform") else "") + file.removesuffix(".json")
            found[name] = archive.extractfile(member).read()
    assert len(found) > 300
    return found


TURN = b'"model":"m","messages":[{"role":"user","content":"hi"}]'
PROMPT = b'"model":"m","prompt":"hi"'

#: The generating endpoints, with what a request of each needs.
DOORS = {
    "/v1/chat/completions": TURN,
    "/v1/completions": PROMPT,
    "/v1/messages": TURN + b',"max_tokens":9',
    "/api/chat": TURN,
    "/api/generate": PROMPT,
}


def bodies(case: bytes, door: str) -> list[bytes]:
    """Requests that hold the case: as a field nobody knows, and a string as what is said."""
    field = b'{"x":' + case + b"," + DOORS[door] + b"}"
    if not case.strip(b" \t\r\n").startswith(b'"'):
        return [field]
    return [field, b"{" + DOORS[door].replace(b'"hi"', case) + b"}"]


def message(door: str, body: bytes) -> str:
    """What an error says, out of the envelope of the door's dialect."""
    error = json.loads(body)["error"]
    if door.startswith("/api/"):
        return error
    if door == "/v1/messages":
        assert json.loads(body)["type"] == "error"
    assert error["type"] == "invalid_request_error"
    return error["message"]


def chosen(kind: str) -> dict[str, bytes]:
    return {name[2:]: case for name, case in suite().items() if name.startswith(kind + "_")}


@pytest.fixture
def prefd(shared):
    shared[1].script(whole(completion("ok")))
    return shared[0]


@pytest.mark.parametrize("door", DOORS)
def test_what_is_json_arrives_unchanged(prefd, shared, door):
    taken = chosen("y") | chosen("t") | {name: case for name, case in chosen("i").items() if name in TAKEN}
    # Not UTF-8, although the suite has them among the texts that parsers transform.
    for name in ("string_1_invalid_codepoint", "string_2_invalid_codepoints", "string_3_invalid_codepoints"):
        del taken[name]
    with prefd.wire() as wire:
        for prefers in (False, True):
            if prefers:
                assert wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"}).status == 200
            for name, case in taken.items():
                for body in bodies(case, door):
                    reply = wire.request("POST", door, body)
                    assert reply.status == 200, (name, reply.body)
                    received = shared[1].last()["body"]
                    # Legacy completions take no block, and an empty prompt only loads Ollama's model.
                    takes_none = door == "/v1/completions" or b'"prompt":""' in body
                    if prefers and not takes_none:
                        inserted(body, received)
                    else:
                        assert received == body, name


@pytest.mark.parametrize("door", DOORS)
def test_what_is_not_json_is_refused_and_never_forwarded(prefd, shared, door):
    refused = chosen("n") | {name: case for name, case in chosen("i").items() if name not in TAKEN}
    assert len(chosen("n")) > 150
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})
        for name, case in refused.items():
            for body in [case, *bodies(case, door)]:
                reply = wire.request("POST", door, body)
                assert reply.status == 400, (name, reply.status)
                assert message(door, reply.body), name
        assert wire.sock is not None, "a body that is refused costs its connection"
    assert shared[1].take() == []


@pytest.mark.parametrize("door", DOORS)
def test_what_is_json_but_no_request_is_refused(prefd, shared, door):
    with prefd.wire() as wire:
        for name, case in chosen("y").items():
            # Elsewhere an object need not hold anything.
            if case.strip().startswith(b"{") and door not in ("/v1/chat/completions", "/v1/messages"):
                continue
            reply = wire.request("POST", door, case)
            assert reply.status == 400 and message(door, reply.body), name
    assert shared[1].take() == []
