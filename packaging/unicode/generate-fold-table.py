#!/usr/bin/env python3
"""Writes Sources/PrefRules/Shadow/FoldTableData.swift: how each scalar looks to the rules.

Sources, all from Debian packages:
  unicode-data  UnicodeData.txt, DerivedCoreProperties.txt, CaseFolding.txt, Scripts.txt
  libicu72      the skeletons of UTS #39 (uspoof_getSkeleton), for confusables

For every scalar at or above U+0080, in this order:
  1. controls, format, tag and other default-ignorable scalars are dropped;
  2. combining marks (Mn, Me) are dropped;
  3. the rest is decomposed by compatibility (NFKD, UAX #15) without its marks, and letters whose
     full case folding is longer (such as U+00DF) take that;
  4. what is still not ASCII is replaced by the ASCII character it is confusable with.

A letter of another script that looks like ASCII may be meant as itself, and some shapes stand for
several characters (l, I, 1). Such scalars become *look-alike* symbols: one symbol with the list of
everything it may be read as.

Usage: generate-fold-table.py [--check]
"""

import ctypes
import glob
import os
import re
import sys

UNICODE = "/usr/share/unicode"
OUT = os.path.join(
    os.path.dirname(os.path.abspath(__file__)),
    "../../Sources/PrefRules/Shadow/FoldTableData.swift",
)
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
NUMBER_WORDS = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE".split()


def lines(name):
    with open(os.path.join(UNICODE, name), encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line:
                yield [field.strip() for field in line.split(";")]


def span(field):
    first, _, last = field.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


class Scalar:
    def __init__(self, name, category, decomposition, digit, upper, lower):
        self.name, self.category, self.digit = name, category, digit
        self.decomposition, self.upper, self.lower = decomposition, upper, lower


def read_unicode_data():
    scalars, first = {}, None
    for fields in lines("UnicodeData.txt"):
        code, name = int(fields[0], 16), fields[1]
        if name.endswith(", First>"):
            first = code
            continue
        decomposition = [int(x, 16) for x in fields[5].split() if not x.startswith("<")]
        scalar = Scalar(
            name, fields[2], decomposition, fields[6],
            int(fields[12], 16) if fields[12] else None,
            int(fields[13], 16) if fields[13] else None,
        )
        for each in range(first if name.endswith(", Last>") else code, code + 1):
            scalars[each] = scalar
    return scalars


def open_skeletons():
    path = sorted(glob.glob("/usr/lib/*/libicui18n.so.7*"))[0]
    version = re.search(r"so\.(\d+)", path).group(1)
    library, status = ctypes.CDLL(path), ctypes.c_int(0)
    opener = getattr(library, "uspoof_open_" + version)
    opener.restype = ctypes.c_void_p
    checker = ctypes.c_void_p(opener(ctypes.byref(status)))
    skeleton = getattr(library, "uspoof_getSkeleton_" + version)

    def of(code):
        text = chr(code).encode("utf-16-le")
        source, target = ctypes.create_string_buffer(text), ctypes.create_string_buffer(256)
        status = ctypes.c_int(0)
        count = skeleton(checker, 0, source, len(text) // 2, target, 128, ctypes.byref(status))
        assert status.value <= 0, (hex(code), status.value)
        return target.raw[: 2 * count].decode("utf-16-le")

    return of


scalars = read_unicode_data()
skeleton = open_skeletons()
ignorable = {
    code
    for fields in lines("DerivedCoreProperties.txt")
    if fields[1] == "Default_Ignorable_Code_Point"
    for code in span(fields[0])
}
scripts = {code: fields[1] for fields in lines("Scripts.txt") for code in span(fields[0])}
long_folds = {
    int(fields[0], 16): [int(x, 16) for x in fields[2].split()]
    for fields in lines("CaseFolding.txt")
    if fields[1] == "F"
}


def is_mark(code):
    return code in scalars and scalars[code].category in ("Mn", "Me")


def strip(codes):
    return [c for c in codes if not is_mark(c) and c not in ignorable]


def decompose(code):
    scalar = scalars.get(code)
    if scalar is None or not scalar.decomposition:
        return [code]
    return [piece for part in scalar.decomposition for piece in decompose(part)]


by_skeleton = {}
for code in range(0x21, 0x7F):
    by_skeleton.setdefault(skeleton(code), []).append(chr(code))


def bare_skeleton(code):
    return "".join(map(chr, strip(map(ord, skeleton(code)))))


def named(code):
    """The ASCII letter or digit that a scalar's name says it is a form of."""
    name = scalars[code].name
    for pattern in (
        r"LATIN (?:SMALL|CAPITAL) LETTER ([A-Z]) WITH ",
        r"LATIN LETTER SMALL CAPITAL ([A-Z])$",
        r"LATIN SUBSCRIPT SMALL LETTER ([A-Z])$",
        r"MODIFIER LETTER (?:SMALL|CAPITAL) ([A-Z])$",
        r"(?:NEGATIVE|CROSSED NEGATIVE) (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z])$",
        r"REGIONAL INDICATOR SYMBOL LETTER ([A-Z])$",
    ):
        found = re.match(pattern, name)
        if found:
            return found.group(1) if "CAPITAL LETTER" in name else found.group(1).lower()
    found = re.search(r"CIRCLED (?:SANS-SERIF )?DIGIT ([A-Z]+)$", name)
    if found and found.group(1) in NUMBER_WORDS:
        return str(NUMBER_WORDS.index(found.group(1)))
    return None


def own_readings(code):
    readings = by_skeleton.get(bare_skeleton(code), [])
    # Letters and digits are what matters; "|" as well as "l" would make patterns ambiguous.
    return [c for c in readings if c.isalnum()] or readings


def same_case(letters, code):
    if scalars[code].lower is not None:
        return [c.upper() for c in letters]
    return [c.lower() for c in letters]


lookalikes = []


def lookalike(preferred, readings, itself):
    entry = (preferred, "".join(sorted(set(readings) | {preferred})), itself)
    if entry not in lookalikes:
        lookalikes.append(entry)
    return 0x110000 + lookalikes.index(entry)


def piece_symbols(code):
    """The shadow symbols of one decomposed, markless scalar."""
    if code < 0x80 or code not in scalars:
        return [code]
    scalar = scalars[code]
    if scalar.category == "Zs":
        return [0x20]
    if code in (0x85, 0x2028, 0x2029):
        return [0x0A]
    if scalar.category == "Nd":
        return [ord(scalar.digit)]
    known = named(code)
    latin = scripts.get(code) == "Latin"
    readings = own_readings(code)
    if known is not None:
        if scripts.get(code) == "Latin" and known in "lI" and known in readings:
            return [lookalike(known, readings, False)]
        return [ord(known)]
    partner = scalar.lower or scalar.upper
    if partner is not None:
        theirs = [c for c in own_readings(partner) if c.isalpha()]
        if len(theirs) == 1:
            theirs = same_case(theirs, code)
            readings = readings or theirs
            if theirs[0] in readings:
                readings = [theirs[0]] + readings
    if readings:
        letter = scalar.category[0] == "L"
        if letter and not latin:
            return [lookalike(readings[0], readings, True)]
        if len(set(readings)) == 1 or not any(c.isalnum() for c in readings):
            return [ord(readings[0])]
        return [lookalike(readings[0], readings, False)]
    text = bare_skeleton(code)
    if text and text.isascii() and (latin or scalar.category[0] in "NSP"):
        return [ord(c) for c in text]
    return [code]


def fold(code):
    """None: unchanged; "format"/"mark": dropped; else the list of symbols."""
    scalar = scalars.get(code)
    if code in (0x85, 0x2028, 0x2029):
        return [0x0A]
    if is_mark(code):
        return "mark"
    if code in ignorable or (scalar and scalar.category in ("Cf", "Cc")):
        return "format"
    if scalar is None:
        return None
    pieces = strip(decompose(code))
    if len(pieces) == 1 and pieces[0] in long_folds:
        pieces = strip(long_folds[pieces[0]])
    if not pieces:
        return "mark"
    symbols = [symbol for piece in pieces for symbol in piece_symbols(piece)]
    return None if symbols == [code] else symbols


def varint(value):
    out = ""
    while value >= 32:
        out += DIGITS[32 | (value & 31)]
        value >>= 5
    return out + DIGITS[value]


def signed(value):
    return varint(value * 2 if value >= 0 else -value * 2 - 1)


def encode():
    sequences, entries = {}, []
    for code in range(0x80, 0x110000):
        if 0xD800 <= code <= 0xDFFF:
            continue
        folded = fold(code)
        if folded is None:
            continue
        if folded == "format":
            entries.append((code, 0, 0))
        elif folded == "mark":
            entries.append((code, 1, 0))
        elif len(folded) == 1:
            entries.append((code, 2, folded[0]))
        else:
            index = sequences.setdefault(tuple(folded), len(sequences))
            entries.append((code, 3, index))
    runs, i = [], 0
    while i < len(entries):
        code, kind, value = entries[i]
        best = (1, 0)
        for step in ((0,) if kind < 2 else (0, 1)):
            j = i + 1
            while (
                j < len(entries)
                and entries[j] == (code + j - i, kind, value + step * (j - i))
            ):
                j += 1
            best = max(best, (j - i, step))
        runs.append((code, kind, value, best[0], best[1]))
        i += best[0]
    out, at, last = varint(len(runs)), 0x80, [0, 0, 0, 0]
    for code, kind, value, count, step in runs:
        head = kind * 4 + step * 2 + (1 if count > 1 else 0)
        out += varint((code - at) * 16 + head)
        if count > 1:
            out += varint(count)
        if kind >= 2:
            out += signed(value - last[kind])
            last[kind] = value + step * (count - 1)
        at = code + count
    out += varint(len(sequences))
    for sequence in sequences:
        out += varint(len(sequence)) + "".join(varint(c) for c in sequence)
    out += varint(len(lookalikes))
    for preferred, readings, itself in lookalikes:
        out += varint(ord(preferred)) + varint(1 if itself else 0) + varint(len(readings))
        out += "".join(varint(ord(c)) for c in readings)
    return out, len(entries), len(runs)


text, entry_count, run_count = encode()
width = 92
body = "\n".join("        " + text[i : i + width - 8] for i in range(0, len(text), width - 8))
swift = f"""// Generated by packaging/unicode/generate-fold-table.py: do not edit.
// swift-format-ignore-file

/// The fold table in text form: {entry_count} scalars in {run_count} runs, {len(lookalikes)} look-alikes.
///
/// Numbers of 5-bit digits, least significant first, high bit: more follows. `FoldTable` reads it.
/// Source: the Unicode Character Database 15.0 and ICU's confusable skeletons (UTS #39).
enum FoldTableData {{
    /// Line breaks and spaces are not part of it.
    static let text: StaticString = \"\"\"
{body}
        \"\"\"
}}
"""
if "--check" in sys.argv:
    with open(OUT, encoding="utf-8") as file:
        sys.exit(0 if file.read() == swift else "FoldTableData.swift is not what this script writes")
os.makedirs(os.path.dirname(OUT), exist_ok=True)
with open(OUT, "w", encoding="utf-8") as file:
    file.write(swift)
print(f"{len(text)} characters, {entry_count} scalars, {run_count} runs, {len(lookalikes)} look-alikes")
