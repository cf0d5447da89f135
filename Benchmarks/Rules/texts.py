"""The texts that the rules are measured on: from the shared test data and from this system."""

import gzip
import json
import os
import pathlib
import re


def data_directory():
    """The shared test data: PREFD_TEST_DATA, or `shared/data` beside a parent of the repository."""
    named = os.environ.get("PREFD_TEST_DATA")
    if named:
        return pathlib.Path(named)
    for parent in pathlib.Path(__file__).resolve().parents:
        if (parent / "shared/data").is_dir():
            return parent / "shared/data"
    raise SystemExit("the shared test data is missing; set PREFD_TEST_DATA")


def lines(name):
    with gzip.open(data_directory() / name, "rt") as file:
        for line in file:
            yield json.loads(line)


def deltas(recording):
    """The pieces of text of one recorded stream, as the model sent them."""
    for line in recording["response_sse"].splitlines():
        if not line.startswith("data:"):
            continue
        try:
            event = json.loads(line[5:])
        except ValueError:
            continue
        if not isinstance(event, dict):
            continue
        delta = event.get("delta")
        if recording["kind"] == "chat":
            pieces = [(c.get("delta") or {}).get("content") for c in event.get("choices") or []]
        elif recording["kind"] == "messages":
            pieces = [delta.get("text")] if isinstance(delta, dict) else []
        else:
            pieces = [delta] if event.get("type") == "response.output_text.delta" else []
        for piece in pieces:
            if isinstance(piece, str) and piece:
                yield piece


def streams():
    found = [list(deltas(row)) for row in lines("sse-recordings/streams.jsonl.gz")]
    return [stream for stream in found if stream]


def stories():
    """Prose that models wrote."""
    rows = lines("lamp-writer-rankings/rankings.jsonl.gz")
    return list(dict.fromkeys(answer for row in rows for answer in row["responses"]))


def prose():
    """Answers of models, whole."""
    return list(dict.fromkeys(["".join(stream) for stream in streams()] + stories()))


def prose_tokens():
    """The stories in pieces like those that models send: words with the space before them, up to
    three digits, signs."""
    token = re.compile(r" ?[A-Za-z']+| ?[0-9]{1,3}| ?[^\sA-Za-z0-9]+|\s+")
    return [token.findall(story) for story in stories()]


def questions():
    found = [row["question"] for row in lines("expertqa-questions/r1_data_anon.jsonl.gz")]
    for row in lines("medquad-questions/questions.jsonl.gz"):
        found += [value for value in row.values() if isinstance(value, str)]
    return found


def files(directory, endings, limit):
    """Texts of this system: documentation, sources."""
    found, size = [], 0
    for path in sorted(pathlib.Path(directory).rglob("*")):
        if size > limit:
            break
        if not path.is_file() or not path.name.endswith(endings):
            continue
        try:
            raw = path.read_bytes()[:200_000]
            text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
        except (OSError, EOFError, ValueError):
            continue
        found.append(text)
        size += len(text)
    return found


def benign():
    """Texts in which nothing is to be found, by kind."""
    return {
        "answers": prose(),
        "questions": questions(),
        "documentation": files("/usr/share/doc", ("", ".txt", ".md", "README"), 6_000_000),
        "source code": files(os.path.dirname(os.__file__), (".py",), 6_000_000),
    }


def labelled(name):
    """Texts with marked spans: (text, [(entity, start, end)])."""
    with gzip.open(data_directory() / "presidio-research" / name, "rt") as file:
        for row in json.load(file):
            spans = [
                (span["entity_type"], span["start_position"], span["end_position"])
                for span in row["spans"]
            ]
            yield row["full_text"], spans
