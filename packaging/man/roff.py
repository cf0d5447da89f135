"""Turns the Markdown that prefd's documents use into a man page.

Headings, paragraphs, code, lists, definitions (`: ` under a term) and tables, no more. A table becomes a list of its
rows, since a terminal has no room for columns of sentences: the first cell is the term.
"""

from __future__ import annotations

import re


def page(text: str, *, name: str, section: int, date: str, version: str) -> str:
    """A whole page; `#` in the text begins a section, `##` a subsection."""
    head = f'.TH {name.upper()} {section} {date} "prefd {version}" "prefd"\n'
    # No hyphenation and no stretched lines: names stay as they are typed.
    return head + ".nr HY 0\n.nh\n.ad l\n" + "\n".join(_blocks(text.splitlines())) + "\n"


def _blocks(lines: list[str]) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("```"):
            end = next(i for i in range(at + 1, len(lines)) if lines[i].startswith("```"))
            out += [".PP", ".RS 4", ".EX", *map(_verbatim, lines[at + 1 : end]), ".EE", ".RE"]
            at = end + 1
        elif heading := re.match(r"(#+) (.*)", line):
            macro = ".SH" if len(heading[1]) == 1 else ".SS"
            title = heading[2].upper() if macro == ".SH" else heading[2]
            out.append(f'{macro} "{_inline(title)}"')
            at += 1
        elif line.startswith("|"):
            end = _while(lines, at, lambda each: each.startswith("|"))
            out += _table(lines[at:end])
            at = end
        elif item := re.match(r"(- |\d+\. )", line):
            # An item goes on in lines that are indented.
            end = _while(lines, at + 1, lambda each: each.startswith("  "))
            mark = r"\(bu 2" if item[1] == "- " else f"{item[1].strip()} 4"
            out += [f".IP {mark}", _paragraph([line[len(item[1]) :], *lines[at + 1 : end]])]
            at = end
        elif at + 1 < len(lines) and lines[at + 1].startswith(": "):
            end = _while(lines, at + 2, lambda each: each.startswith("  "))
            out += [".TP", _inline(line), _paragraph([lines[at + 1][2:], *lines[at + 2 : end]])]
            at = end
        elif line.strip():
            end = _while(lines, at, lambda each: each.strip() and not re.match(r"```|#+ |\||- |\d+\. ", each))
            out += [".PP", _paragraph(lines[at:end])]
            at = end
        else:
            at += 1
    return out


def _while(lines: list[str], at: int, holds) -> int:
    while at < len(lines) and holds(lines[at]):
        at += 1
    return at


def _table(lines: list[str]) -> list[str]:
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    out = []
    for term, *rest in rows[2:]:
        *between, text = (cell.replace(r"\|", "|") for cell in rest)
        # What stands between term and text, such as a default, comes in front of the text.
        text = " ".join([*(f"[{cell}]" for cell in between if cell), text])
        out += [".TP", _inline(term.replace(r"\|", "|")), _paragraph([text])]
    return out


def _paragraph(lines: list[str]) -> str:
    return _protect(_inline(" ".join(line.strip() for line in lines)))


_SPAN = re.compile(
    r"``(?P<double>.+?)``|`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*\s](?:[^*]*[^*\s])?)\*|\[(?P<label>[^\]]+)\]\((?P<target>[^)]+)\)"
)


def _inline(text: str) -> str:
    out, at = "", 0
    for span in _SPAN.finditer(text):
        out += _escape(text[at : span.start()])
        at = span.end()
        if code := span["double"] or span["code"]:
            out += rf"\fB{_escape(code.strip(), exact=True)}\fP"
        elif span["bold"]:
            out += rf"\fB{_escape(span['bold'], exact=True)}\fP"
        elif span["italic"]:
            out += rf"\fI{_escape(span['italic'], exact=True)}\fP"
        else:
            # A link to another document of the repository leads nowhere from here.
            away = f" ({span['target']})" if "://" in span["target"] else ""
            out += _inline(span["label"]) + _escape(away, exact=True)
    return out + _escape(text[at:])


def _escape(text: str, *, exact=False) -> str:
    text = text.replace("\\", r"\e").replace('"', r"\(dq")
    if exact:
        # What is typed stays ASCII, so that it can be copied from the page.
        for sign, name in (("-", r"\-"), ("'", r"\(aq"), ("`", r"\(ga"), ("^", r"\(ha"), ("~", r"\(ti")):
            text = text.replace(sign, name)
    return text


def _protect(line: str) -> str:
    """A line of text that begins like a request is none."""
    return rf"\&{line}" if line.startswith((".", "'")) else line


def _verbatim(line: str) -> str:
    return _protect(_escape(line, exact=True))
