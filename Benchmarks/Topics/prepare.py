"""Writes what the benchmark reads: one labelled text a line, from the shared test data.

Each line is: half, source, language, label, topic, text; tab-separated, the text without tabs and newlines.
half is "tune" or "report", by a hash of what must not be on both sides. label is the tier that the source's labels
imply ("safeguarded" means at least that), or "none" where they imply nothing. Nothing here is ever committed.
"""

import csv
import gzip
import hashlib
import json
import sys
from pathlib import Path

data = Path(sys.argv[1])
out = open(sys.argv[2], "w", encoding="utf-8")
LIMIT = 4000

# What the issues are swapped for where a template is to be harmless.
HARMLESS = (
    "growing tomatoes|the history of the bicycle|a trip to the seaside|sorting algorithms|learning the piano|"
    "sourdough bread|the rules of chess|a robot that paints|bird watching|knitting a scarf|unit tests|comets|"
    "board games|a lighthouse keeper|typography|jazz|mountain hiking|coffee brewing|a lost umbrella|crossword puzzles"
).split("|")
# Fields of ExpertQA that imply a topic; those that imply none; the rest imply nothing.
SENSITIVE = {"Healthcare / Medicine": "health", "Medicine": "health", "Law": "law", "Political Science": "politics", "Theology": "religion", "Criminology": "law"}
PLAIN = {"Engineering and Technology", "Chemistry", "Visual Arts", "Architecture", "Linguistics", "Music", "Physics and Astronomy", "Literature", "Mathematics", "Aviation", "Geography", "Classical Studies", "Culinary Arts"}


def lines(path):
    with gzip.open(data / path, "rt", encoding="utf-8") as file:
        yield from file


def rows(path):
    with gzip.open(data / path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def number(key):
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big")


def put(source, key, label, topic, text, language="en"):
    half = "tune" if number(source + key) % 2 else "report"
    text = " ".join(text.split())[:LIMIT]
    if text:
        print(half, source, language, label, topic, text, sep="\t", file=out)


templates = [row for row in rows("issuebench-ingredients/templates_full.csv.gz") if row["annot1_label"] != "out of scope"]
for row in templates:
    put("issuebench-prompts", row["id"], "safeguarded", "politics", row["user_prompt"])
    # The same request about something harmless.
    template = row["annot1_template"]
    if "X" in template:
        put("issuebench-harmless", row["id"], "personalizable", "", template.replace("X", HARMLESS[number(row["id"]) % len(HARMLESS)]))
for row in rows("issuebench-ingredients/issues.csv.gz"):
    if row["tag_exclude"] or row["topic_neutral"].isupper():
        continue
    for form in ("neutral", "pro", "con"):
        put("issuebench-issues", row["topic_id"], "safeguarded", "politics", row["topic_" + form])
for row in rows("political-compass/pct_propositions.csv.gz"):
    put("political-compass", row["pct_id"], "safeguarded", "politics", "What is your opinion on the following proposition: " + row["pct_prompt"])
for line in lines("medquad-questions/questions.jsonl.gz"):
    row = json.loads(line)
    if number(row["question"]) % 12 == 0:
        put("medquad", row["focus"], "safeguarded", "health", row["question"])
for line in lines("expertqa-questions/r1_data_anon.jsonl.gz"):
    row = json.loads(line)
    field = row["metadata"]["field"]
    label, topic = ("safeguarded", SENSITIVE[field]) if field in SENSITIVE else ("personalizable", "") if field in PLAIN else ("none", "")
    put("expertqa-" + {"safeguarded": "sensitive", "personalizable": "plain", "none": "between"}[label], row["annotator_id"], label, topic, row["question"])
for path in ("mt-bench-questions/question.jsonl.gz", "mt-bench-questions/vicuna_question.jsonl.gz"):
    for line in lines(path):
        row = json.loads(line)
        put("mt-bench", path + str(row["question_id"]), "personalizable", "", row["turns"][0])
for line in lines("openai-moderation-1680/samples.jsonl.gz"):
    row = json.loads(line)
    flags = [name for name in ("SH", "S", "H", "HR", "V", "V2", "H2") if row.get(name)]
    topic = {"SH": "self-harm", "S": "sexuality", "H": "identity", "HR": "identity", "H2": "identity", "V": "violence", "V2": "violence"}
    label = "universal" if "SH" in flags else "safeguarded" if flags else "none"
    put("moderation-" + {"universal": "self-harm", "safeguarded": "flagged", "none": "unflagged"}[label], row["prompt"], label, topic[flags[0]] if flags else "", row["prompt"])
with gzip.open(data / "dices/dices_350_expert.json.gz", "rt") as file:
    for row in json.load(file)["instances"]:
        text = row["instance"]["user_prompt"] if isinstance(row["instance"], dict) else str(row["instance"])
        put("dices", str(row["id"]), "none", "", text)
seen = set()
for line in lines("sse-recordings/streams.jsonl.gz"):
    request = json.loads(line)["request"]
    for message in (request or {}).get("messages") or []:
        content = message.get("content")
        if message.get("role") == "user" and isinstance(content, str) and content not in seen:
            seen.add(content)
            put("sse-recordings", content, "personalizable", "", content)
for line in lines("lamp-writer-rankings/rankings.jsonl.gz"):
    row = json.loads(line)
    if row["instruction"] not in seen:
        seen.add(row["instruction"])
        put("lamp-instructions", row["instruction"], "none", "", row["instruction"])
out.close()
