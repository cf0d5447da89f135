"""Measures prefd's rules beside Presidio on the same texts, in one run. See README.md."""

import argparse
import logging
import pathlib
import shutil
import subprocess
import tempfile
import time

import texts

PACKS = pathlib.Path(__file__).resolve().parents[2] / "config/rules.d"
# What the shipped rules find, in Presidio's words; checked are those that both know.
ENTITIES = {
    "payment-card": "CREDIT_CARD",
    "iban": "IBAN_CODE",
    "iban-named": "IBAN_CODE",
    "email": "EMAIL_ADDRESS",
    "us-ssn": "US_SSN",
    "us-ssn-named": "US_SSN",
    "ip": "IP_ADDRESS",
    "phone": "PHONE_NUMBER",
}
CHECKED = {"CREDIT_CARD", "IBAN_CODE"}


def encode(found):
    return b"".join(text.replace("\0", " ").encode() + b"\0" for text in found)


class Prefd:
    def __init__(self, program, packs):
        self.program, self.packs = program, packs

    def run(self, mode, *arguments, given=b""):
        command = [self.program, mode, "--packs", str(self.packs), *map(str, arguments)]
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout.decode()

    def hits(self, found):
        """For each text the hits, as (rule, first character, character behind the last)."""
        result = [[] for _ in found]
        for line in self.run("hits", given=encode(found)).splitlines():
            index, rule, start, end = line.split("\t")
            raw = found[int(index)].encode()
            first = len(raw[: int(start)].decode(errors="ignore"))
            last = len(raw[: int(end)].decode(errors="ignore"))
            result[int(index)].append((rule, first, last))
        return result


class Presidio:
    """Its analyzer with all its predefined pattern recognizers for English, and no language model."""

    def __init__(self):
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NoOpNlpEngine

        registry = RecognizerRegistry(supported_languages=["en"])
        registry.load_predefined_recognizers(languages=["en"])
        registry.remove_recognizer("SpacyRecognizer")
        engine = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}])
        engine.load()
        self.engine = AnalyzerEngine(
            registry=registry, nlp_engine=engine, supported_languages=["en"]
        )

    def hits(self, found):
        return [
            [(hit.entity_type, hit.start, hit.end) for hit in self.engine.analyze(text, "en")]
            for text in found
        ]


def blocks(found, size=4096):
    raw = "\n".join(found)
    return [raw[at : at + size] for at in range(0, len(raw), size)]


def speed(prefd, presidio):
    print("## Throughput, one core, processor time")
    given = texts.prose()
    for rules in (0, 500, 1000):
        print("prefd    " + prefd.run("speed", "--rules", rules, given=encode(given)).strip())
    with tempfile.TemporaryDirectory() as few:
        for pack in sorted(prefd.packs.glob("credentials*.yaml")):
            shutil.copy(pack, few)
        print("prefd    " + Prefd(prefd.program, few).run("speed", given=encode(given)).strip() + " (credentials only)")
    for rules in (0, 500, 1000):
        print("prefd    " + prefd.run("compile", "--rules", rules).splitlines()[1])
    start, scanner = prefd.run("compile").splitlines()[2:]
    print(f"prefd    {start} (wall clock, all cores) {scanner}")
    sample = blocks(given)[:60]
    start = time.process_time()
    presidio.hits(sample)
    taken = time.process_time() - start
    size = sum(len(text.encode()) for text in sample)
    recognizers = len(presidio.engine.registry.recognizers)
    print(f"presidio recognizers {recognizers} bytes {size} whole_MBps {size / taken / 1e6:.3f}")


def accuracy(prefd, presidio):
    print("## Precision, recall and F2 by entity; a span counts as found if it is overlapped")
    rows = list(texts.labelled("generated_large.json.gz"))
    rows += texts.labelled("generated_small.json.gz")
    found = [text for text, _ in rows]
    ours = [
        [(ENTITIES.get(rule, rule), start, end) for rule, start, end in hits]
        for hits in prefd.hits(found)
    ]
    known = sorted({entity for hits in ours for entity, _, _ in hits} & set(ENTITIES.values()))
    for name, results in (("prefd", ours), ("presidio", presidio.hits(found))):
        for entity in known:
            score(name, entity, rows, results)


def score(name, entity, rows, results):
    wanted = missed = right = wrong = 0
    for (_, spans), hits in zip(rows, results):
        gold = [(start, end) for kind, start, end in spans if kind == entity]
        guess = [(start, end) for kind, start, end in hits if kind == entity]
        overlaps = lambda one, others: any(one[0] < b and a < one[1] for a, b in others)
        wanted += len(gold)
        missed += sum(not overlaps(span, guess) for span in gold)
        right += sum(overlaps(span, gold) for span in guess)
        wrong += sum(not overlaps(span, gold) for span in guess)
    recall = (wanted - missed) / wanted if wanted else 0
    precision = right / (right + wrong) if right + wrong else 0
    f2 = 5 * precision * recall / (4 * precision + recall) if precision + recall else 0
    checked = "checksum" if entity in CHECKED else ""
    print(
        f"{name:8} {entity:14} spans {wanted} precision {precision:.3f} recall {recall:.3f}"
        f" F2 {f2:.3f} {checked}"
    )


def false_alarms(prefd):
    print("## Hits in texts in which nothing is to be found, per million characters")
    for kind, found in texts.benign().items():
        by_rule = {}
        for hits in prefd.hits(found):
            for rule, _, _ in hits:
                by_rule[rule] = by_rule.get(rule, 0) + 1
        size = sum(map(len, found))
        hits = sum(by_rule.values())
        print(f"{kind:14} characters {size} hits {hits} per_million {1e6 * hits / size:.3f} {by_rule}")


def main():
    # Presidio's e-mail recognizer would report that it may not fetch the public suffix list.
    logging.disable(logging.CRITICAL)
    options = argparse.ArgumentParser()
    options.add_argument("--program", required=True)
    options.add_argument("--packs", default=PACKS, type=pathlib.Path)
    options = options.parse_args()
    prefd, presidio = Prefd(options.program, options.packs), Presidio()
    speed(prefd, presidio)
    print("## What is held: on recorded streams, and on prose cut as models cut it")
    for kind, some in (("recorded", texts.streams()), ("prose", texts.prose_tokens())):
        streams = b"".join("\1".join(stream).encode() + b"\0" for stream in some)
        print(f"{kind:9}" + prefd.run("holds", given=streams).strip())
    print("## Texts cut in other ways that are decided otherwise")
    found = [text for text, _ in texts.labelled("generated_large.json.gz")]
    for kind, some in (("labelled", found), ("answers", texts.prose())):
        print(f"{kind:9}" + prefd.run("invariance", given=encode(some)).strip())
    accuracy(prefd, presidio)
    false_alarms(prefd)
    print("## Hostile patterns and texts, kB/s; the last text is ordinary")
    print(prefd.run("attack", given=encode(texts.prose())).strip())


if __name__ == "__main__":
    main()
