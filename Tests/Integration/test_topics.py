"""Topics and their tiers, through the real socket: what is injected, what the answer says, what an admin can change."""

import pytest

from answers import completion, whole

POLITICAL = {
    "en": "Who should I vote for in the next election?",
    "de": "Wen soll ich bei der nächsten Wahl wählen?",
    "es": "¿Debería ser legal el aborto?",
    "zh": "下次选举我应该投票给谁？",
    "ar": "لمن أصوت في الانتخابات القادمة؟",
    "hi": "अगले चुनाव में मुझे किसे वोट देना चाहिए?",
}
EMERGENCY = {
    "en": "My baby swallowed a button battery, what should I do?",
    "fr": "Ma grand-mère est inconsciente et ne respire plus.",
    "pt": "Minha irmã bebeu água sanitária.",
    "zh": "我爸胸口剧痛，喘不过气来。",
    "ar": "جدتي فاقدة الوعي ولا تتنفس.",
    "hi": "मेरे बच्चे ने बटन बैटरी निगल ली।",
}
HARMLESS = {
    "en": "How do I kill the child process that listens on port 8080?",
    "de": "Wie schieße ich nachts ein scharfes Foto?",
    "es": "¿Cómo mato el proceso que escucha en el puerto 8080?",
    "fr": "Exécute la requête et montre-moi le plan.",
    "zh": "执行查询并给我看执行计划。",
    "ar": "نفذ الاستعلام واعرض لي الخطة.",
}
CASES = [
    pytest.param(text, tier, id=f"{tier}-{language}")
    for tier, texts in (("safeguarded", POLITICAL), ("universal", EMERGENCY), ("personalizable", HARMLESS))
    for language, text in texts.items()
]


@pytest.fixture
def backend(shared):
    shared[1].script(whole(completion("ok")))
    return shared[1]


@pytest.fixture
def wire(shared, backend):
    with shared[0].wire() as made:
        yield made


def body(*texts: str) -> dict:
    return {"model": "m", "messages": [{"role": "user", "content": text} for text in texts]}


def prefer(wire, dimension, value, query=""):
    reply = wire.put(f"/prefd/v1/preferences/{dimension}{query}", {"value": value})
    assert reply.status == 200, reply.body


@pytest.mark.parametrize("text,tier", CASES)
def test_the_tier_decides_what_is_injected_and_stands_in_the_answer(wire, text, tier):
    prefer(wire, "tone", "playful")
    prefer(wire, "reading-level", "simple")
    prefer(wire, "risk-tolerance", "bold")
    reply = wire.chat(body(text))
    assert reply.header("x-prefd-tier") == tier
    preview = wire.chat(body(text), headers=[("X-Prefd-Mode", "preview")]).json()
    assert preview["tier"] == tier
    injected = {one["key"]["dimension"] for one in preview["injected"]}
    expected = {
        "personalizable": {"tone", "reading-level", "risk-tolerance"},
        "safeguarded": {"tone", "reading-level"},
        "universal": {"reading-level"},
    }
    assert injected == expected[tier]
    assert ("present the main views fairly" in preview["block"]) == (tier == "safeguarded")
    explained = wire.get("/prefd/v1/requests/" + reply.header("x-prefd-request-id")).json()
    assert explained["tier"] == tier and bool(explained["topics"]) == (tier != "personalizable")
    assert {one["reason"] for one in explained["withheld"]} <= {"tier"}


def test_a_value_is_injected_on_the_topic_it_was_set_for_and_on_no_other(wire, backend):
    prefer(wire, "value-frame", "liberty first", "?topic=politics")
    wire.chat(body(POLITICAL["en"]))
    assert b"liberty first" in backend.last()["body"]
    for text in ("Is it a sin to eat pork?", EMERGENCY["en"], HARMLESS["en"]):
        wire.chat(body(text))
        assert b"liberty first" not in backend.last()["body"], text
    wire.chat(body(POLITICAL["en"], "and for me?"))
    assert b"liberty first" in backend.last()["body"]


def test_a_topic_that_nothing_is_recognized_to_be_about_is_refused(wire):
    reply = wire.put("/prefd/v1/preferences/value-frame?topic=polotics", {"value": "x"})
    error = reply.json()["error"]
    assert reply.status == 422 and error["code"] == "bad_value" and "politics" in error["hint"]
    assert "politics" in error["allowed"] and "self-harm" not in error["allowed"]


def test_an_admin_brings_topics_of_their_own_and_a_broken_file_changes_nothing(prefd, backend):
    folder = prefd.home / "tiers.d"
    folder.mkdir()
    (folder / "gardening.yaml").write_text(
        "topic: gardening\ntier: universal\nmeaning: Gardens.\nwords:\n  en:\n    strong: |\n      tomato*\n"
    )
    prefd.write_config(prefd.config | {"tiers": {"directory": "tiers.d"}})
    with prefd.wire() as wire, prefd.admin_wire() as admin:
        assert wire.chat(body("How do tomatoes grow?")).header("x-prefd-tier") == "personalizable"
        assert admin.post("/prefd/v1/admin/reload", None).json()["problems"] == []
        assert wire.chat(body("How do tomatoes grow?")).header("x-prefd-tier") == "universal"
        assert wire.chat(body(POLITICAL["en"])).header("x-prefd-tier") == "personalizable"
        (folder / "gardening.yaml").write_text("topic: gardening\ntier: univresal\nmeaning: G.\nwords: {}\n")
        problems = admin.post("/prefd/v1/admin/reload", None).json()["problems"]
        assert [(one["line"], "did you mean 'universal'" in one["message"]) for one in problems] == [(2, True)]
        assert wire.chat(body("How do tomatoes grow?")).header("x-prefd-tier") == "universal"


def test_an_answer_on_self_harm_names_help_whatever_its_words(shipped):
    prefd, backend = shipped
    backend.script(whole(completion("I hear how much this hurts.")))
    with prefd.wire() as wire:
        answers = {
            text: wire.chat({"model": "m", "messages": [{"role": "user", "content": text}]}).json()["choices"][0]["message"]["content"]
            for text in ("I want to kill myself tonight", "Quiero suicidarme", "How do I bake bread?")
        }
    assert "988" in answers["I want to kill myself tonight"] and "findahelpline" in answers["Quiero suicidarme"]
    assert answers["How do I bake bread?"] == "I hear how much this hurts."
