"""Every action of a rule, on every kind of text, in every dialect, whole and streamed, through its SDK."""

import pytest

import dialects
from dialects import SIGNATURE, Said
from packs import pack, rule

WORDS = {
    "block": "blockword",
    "redact": "redactword",
    "replace": "replaceword",
    "append": "appendword",
    "flag": "flagword",
}
ACTIONS = {
    "block": "block",
    "redact": {"redact": "[gone]"},
    "replace": {"replace": "corrected"},
    "append": {"append": "Call 988."},
    "flag": "flag",
}
GOOD = ("stop", "end_turn", "tool_calls", "tool_use", "completed")
MODES = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
CASES = pytest.mark.parametrize(
    ("dialect", "surface"),
    [pytest.param(one, surface, id=f"{one.name}-{surface}") for one in dialects.ALL for surface in one.surfaces],
)


@pytest.fixture(scope="module")
def acting(request):
    """prefd with a rule for each action."""
    from conftest import Stage

    stage = Stage()
    rules = [
        rule(name, ACTIONS[name], detect={"literal": [word]}, where=["output", "reasoning", "tool_args"], match=[word], passes=["fine"])
        for name, word in WORDS.items()
    ]
    model = stage.backend()
    yield stage.prefd(model, rules=pack(*rules)), model
    stage.close()


def said(surface: str, word: str) -> Said:
    text = f"so {word} it is"
    if surface == "output":
        return Said(text=text, reasoning="think")
    if surface == "reasoning":
        return Said(text="fine", reasoning=text)
    return Said(text="calling", argument=text)


def told(surface: str, heard) -> str:
    """What the SDK heard on a surface."""
    if surface == "output":
        return heard.text
    return heard.reasoning if surface == "reasoning" else heard.arguments[0]["place"]


@pytest.fixture
def ask(acting):
    prefd, model = acting
    model.clear()

    def asked(dialect, surface, action, streamed):
        words = said(surface, WORDS[action])
        if "reasoning" not in dialect.surfaces:
            words.reasoning = ""
        model.script(dialect.answer(words, streamed))
        return dialect.ask(prefd, streamed)

    return asked


@pytest.mark.pitfall(2, 7)
@CASES
@MODES
def test_what_is_redacted_or_replaced_leaves_the_rest_as_it_was(ask, dialect, surface, streamed):
    for action, text in (("redact", "so [gone] it is"), ("replace", "so corrected it is")):
        heard = ask(dialect, surface, action, streamed)
        assert told(surface, heard) == text
        assert heard.finish in GOOD


@pytest.mark.pitfall(11)
@CASES
@MODES
def test_a_block_is_an_ending_of_the_dialects_own_and_shows_nothing_of_the_match(ask, dialect, surface, streamed):
    heard = ask(dialect, surface, "block", streamed)
    assert heard.finish == dialect.blocked
    assert "block" not in heard.text + heard.reasoning + str(heard.arguments)
    if streamed and surface != "tool_args":
        assert told(surface, heard) == "so "


@CASES
@MODES
def test_what_is_appended_stands_once_at_the_end_of_the_text(ask, dialect, surface, streamed):
    heard = ask(dialect, surface, "append", streamed)
    assert heard.text.endswith("\n\nCall 988.") and heard.text.count("988") == 1
    assert heard.finish in GOOD


@CASES
@MODES
def test_what_is_flagged_is_shown_and_recorded(ask, acting, dialect, surface, streamed):
    before = len(acting[0].events("rule-fired"))
    heard = ask(dialect, surface, "flag", streamed)
    assert told(surface, heard) == "so flagword it is"
    assert acting[0].wait_for_event("rule-fired", before + 1)["PREFD_RULE"] == "flag"


@pytest.mark.pitfall(16)
@MODES
def test_thinking_keeps_its_signature_until_it_is_changed(ask, streamed):
    messages = dialects.Messages()
    assert ask(messages, "reasoning", "flag", streamed).signatures == [SIGNATURE]
    assert ask(messages, "output", "redact", streamed).signatures == [SIGNATURE]
    assert ask(messages, "reasoning", "redact", streamed).signatures == [""]


@pytest.mark.pitfall(13)
@pytest.mark.parametrize("dialect", dialects.ALL, ids=lambda one: one.name)
@MODES
def test_a_block_is_nothing_that_an_sdk_tries_again(acting, dialect, streamed):
    prefd, model = acting
    model.clear()
    model.script(dialect.answer(said("output", WORDS["block"]), streamed))
    retries = {} if dialect.name.startswith("ollama") else {"max_retries": 2}
    assert dialect.ask(prefd, streamed, **retries).finish == dialect.blocked
    assert len(model.take()) == 1
