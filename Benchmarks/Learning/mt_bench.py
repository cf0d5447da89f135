"""Turns MT-Bench's human judgements into a data set of choices for `run.sh --data`.

    mt_bench.py JUDGEMENTS > mt-bench.jsonl

JUDGEMENTS is the split `human` of the data set `lmsys/mt_bench_human_judgments` (CC-BY-4.0; Zheng et al., "Judging
LLM-as-a-Judge with MT-Bench and Chatbot Arena", 2023) as JSON lines, such as the `datasets` package's `to_json` writes:
question_id, model_a, model_b, winner, judge, turn, conversation_a, conversation_b. Each judge is a user, each question a
prompt; ties are left out. Nothing of it belongs in the repository.
"""

import json
import sys


def choices(lines):
    for line in lines:
        row = json.loads(line)
        if row["winner"] not in ("model_a", "model_b"):
            continue
        # A conversation is user, assistant, user, assistant; turn 1 is judged by the first answer.
        answers = [row[side][2 * row["turn"] - 1]["content"] for side in ("conversation_a", "conversation_b")]
        chosen, rejected = answers if row["winner"] == "model_a" else reversed(answers)
        yield {"user": row["judge"], "language": "en", "prompt": str(row["question_id"]),
               "chosen": chosen, "rejected": rejected}


def main(path):
    with open(path, encoding="utf-8") as file:
        for choice in sorted(choices(file), key=lambda choice: choice["user"]):
            print(json.dumps(choice))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
