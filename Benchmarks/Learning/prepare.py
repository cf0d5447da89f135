"""Turns the shared test data into the two formats that the benchmark reads.

    prepare.py DATA OUT

choices-writers.jsonl  one choice a line, as in the format for data sets: user, task, language, prompt,
                       chosen, rejected; every pair of each ranking
choices-edits.jsonl    the same for edits: after over before
ratings-dices.csv      item,rater,label
texts.jsonl            group, text: what the reference distribution is measured over

Nothing of it belongs in the repository.
"""

import gzip
import itertools
import json
import sys
from pathlib import Path


def rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def streamed_text(kind, body):
    """The answer's text in a recorded event stream."""
    pieces = []
    for line in body.splitlines():
        if not line.startswith("data:"):
            continue
        try:
            event = json.loads(line[5:])
        except ValueError:
            continue
        if kind == "chat":
            for choice in event.get("choices") or []:
                pieces.append((choice.get("delta") or {}).get("content") or "")
        elif kind == "responses" and event.get("type") == "response.output_text.delta":
            pieces.append(event["delta"])
        elif kind == "messages" and event.get("type") == "content_block_delta":
            pieces.append(event["delta"].get("text", ""))
    return "".join(pieces)


def main(data, out):
    writers = list(rows(data / "lamp-writer-rankings/rankings.jsonl.gz"))
    with open(out / "choices-writers.jsonl", "w", encoding="utf-8") as file:
        for row in writers:
            ranked = [row["responses"][index] for index in row["ranking_best_first"]]
            for better, worse in itertools.combinations(ranked, 2):
                choice = {"user": row["annotator"], "task": "creative", "language": "en",
                          "prompt": row["instruction"], "chosen": better, "rejected": worse}
                file.write(json.dumps(choice) + "\n")
    with open(out / "choices-edits.jsonl", "w", encoding="utf-8") as file:
        for row in rows(data / "lamp-writer-rankings/reannotation_edits.jsonl.gz"):
            choice = {"user": row["writer"], "task": "creative", "language": "en",
                      "prompt": row["instruction"], "chosen": row["postedit"], "rejected": row["preedit"]}
            file.write(json.dumps(choice) + "\n")
    with gzip.open(data / "dices/dices350_long.csv.gz", "rt", encoding="utf-8") as source, \
            open(out / "ratings-dices.csv", "w", encoding="utf-8") as file:
        next(source)
        for line in source:
            item, rater, label = line.split(",")[:3]
            file.write(f"{item},{rater},{label}\n")
    with open(out / "texts.jsonl", "w", encoding="utf-8") as file:
        def put(group, text):
            if len(text) >= 80:
                file.write(json.dumps({"group": group, "text": text}) + "\n")
        for row in rows(data / "sse-recordings/streams.jsonl.gz"):
            put("assistants", streamed_text(row["kind"], row["response_sse"]))
        for text in sorted({text for row in writers for text in row["responses"]}):
            put("writers", text)
        with gzip.open(data / "dices/dices_350_crowdsourced.json.gz", "rt", encoding="utf-8") as source:
            for row in json.load(source)["instances"]:
                put("dialogue", row["instance"]["response"])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
