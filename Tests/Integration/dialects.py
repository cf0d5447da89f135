"""One way to script an answer and to ask for it, in every dialect and with its real SDK.

A `Said` is what a model says: text, reasoning, and a tool call's argument. Each dialect turns it into
the bytes of its own API, whole or streamed in small pieces, and its SDK turns what prefd lets through
back into a `Heard`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import responses
from answers import Answer, chunk, completion, dumps, events, pieces_of, sse, whole
from conftest import anthropic_sdk, ollama_sdk, sdk

SIGNATURE = "EqQBCkYIAhgCIkDTu3hZ"
TOOL = {"type": "object", "properties": {"place": {"type": "string"}}}


@dataclass
class Said:
    text: str = ""
    reasoning: str = ""
    argument: str | None = None


@dataclass
class Heard:
    text: str = ""
    reasoning: str = ""
    arguments: list[dict] = field(default_factory=list)
    finish: str | None = None
    #: Signatures of reasoning, where the dialect has such.
    signatures: list[str] = field(default_factory=list)


def named(kind: str, **data) -> bytes:
    """One server-sent event of Anthropic's."""
    return b"event: " + kind.encode() + b"\ndata: " + dumps({"type": kind, **data}) + b"\n\n"


def message(content: list[dict], stop="end_turn") -> dict:
    """A whole Anthropic message."""
    return {
        "id": "msg_played",
        "type": "message",
        "role": "assistant",
        "model": "played",
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 7, "output_tokens": 11},
    }


def message_stream(blocks: list[tuple[dict, list[dict]]], stop="end_turn", end=True) -> bytes:
    """An Anthropic stream: each block as it begins, and its deltas."""
    body = named("message_start", message={**message([]), "stop_reason": None, "usage": {"input_tokens": 7, "output_tokens": 1}})
    body += named("ping")
    for index, (begun, deltas) in enumerate(blocks):
        body += named("content_block_start", index=index, content_block=begun)
        body += b"".join(named("content_block_delta", index=index, delta=delta) for delta in deltas)
        body += named("content_block_stop", index=index)
    if not end:
        return body
    body += named("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage={"output_tokens": 11})
    return body + named("message_stop")


def text_deltas(text: str, size=3) -> tuple[dict, list[dict]]:
    return {"type": "text", "text": ""}, [{"type": "text_delta", "text": part} for part in pieces_of(text, size)]


def lines(parts: list[dict]) -> Answer:
    """A stream of JSON lines, as Ollama's."""
    return Answer(
        body=b"".join(dumps(part) + b"\n" for part in parts),
        content_type="application/x-ndjson",
        framing="chunked",
    )


class Chat:
    name = "chat"
    blocked = "content_filter"
    surfaces = ("output", "reasoning", "tool_args")

    def answer(self, said: Said, streamed: bool) -> Answer:
        call = {"id": "call_1", "type": "function", "function": {"name": "go", "arguments": ""}}
        arguments = None if said.argument is None else json.dumps({"place": said.argument})
        finish = "stop" if arguments is None else "tool_calls"
        if not streamed:
            calls = arguments and [{**call, "function": {"name": "go", "arguments": arguments}}]
            extra = {"reasoning_content": said.reasoning} if said.reasoning else {}
            return whole(completion(said.text or None, finish=finish, tool_calls=calls, **extra))
        chunks = [chunk({"role": "assistant", "content": ""})]
        chunks += [chunk({"reasoning_content": part}) for part in pieces_of(said.reasoning, 3)]
        chunks += [chunk({"content": part}) for part in pieces_of(said.text, 3)]
        if arguments is not None:
            chunks.append(chunk({"tool_calls": [{"index": 0, **call}]}))
            chunks += [
                chunk({"tool_calls": [{"index": 0, "function": {"arguments": part}}]}) for part in pieces_of(arguments, 3)
            ]
        return sse(events([*chunks, chunk({}, finish=finish)]))

    def ask(self, prefd, streamed: bool, **more) -> Heard:
        with sdk(prefd, max_retries=more.pop("max_retries", 0)) as client:
            how = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **more}
            if not streamed:
                choice = client.chat.completions.create(**how).choices[0]
                return self.heard(choice, choice.message)
            with client.chat.completions.stream(**how) as got:
                reasoning = ""
                for event in got:
                    if event.type == "chunk" and event.chunk.choices:
                        reasoning += getattr(event.chunk.choices[0].delta, "reasoning_content", None) or ""
                choice = got.current_completion_snapshot.choices[0]
            heard = self.heard(choice, choice.message)
            heard.reasoning = reasoning
            return heard

    def heard(self, choice, message) -> Heard:
        calls = message.tool_calls or []
        return Heard(
            text=message.content or "",
            reasoning=getattr(message, "reasoning_content", None) or "",
            arguments=[] if choice.finish_reason == self.blocked else [json.loads(call.function.arguments) for call in calls],
            finish=choice.finish_reason,
        )


class Completions:
    name = "completions"
    blocked = "content_filter"
    surfaces = ("output",)

    def answer(self, said: Said, streamed: bool) -> Answer:
        def one(text, finish):
            return {
                "id": "cmpl-played",
                "object": "text_completion",
                "created": 1760000000,
                "model": "played",
                "choices": [{"index": 0, "text": text, "logprobs": None, "finish_reason": finish}],
            }

        if not streamed:
            return whole(one(said.text, "stop"))
        return sse(events([one(part, None) for part in pieces_of(said.text, 3)] + [one("", "stop")]))

    def ask(self, prefd, streamed: bool, **more) -> Heard:
        with sdk(prefd, max_retries=more.pop("max_retries", 0)) as client:
            got = client.completions.create(model="m", prompt="Hi", stream=streamed, **more)
            if not streamed:
                return Heard(text=got.choices[0].text, finish=got.choices[0].finish_reason)
            heard = Heard()
            for part in got:
                assert heard.finish is None
                heard.text += part.choices[0].text
                heard.finish = part.choices[0].finish_reason
            return heard


class Responses:
    name = "responses"
    blocked = "content_filter"
    surfaces = ("output", "reasoning", "tool_args")

    def answer(self, said: Said, streamed: bool) -> Answer:
        items = []
        if said.reasoning:
            items.append(responses.reasoning(said.reasoning))
        if said.text:
            items.append(responses.message(said.text))
        if said.argument is not None:
            items.append(responses.call(json.dumps({"place": said.argument})))
        return sse(responses.stream(*items)) if streamed else whole(responses.response(items))

    def ask(self, prefd, streamed: bool, **more) -> Heard:
        with sdk(prefd, max_retries=more.pop("max_retries", 0)) as client:
            if not streamed:
                return self.heard(client.responses.create(model="m", input="Hi", **more))
            with client.responses.stream(model="m", input="Hi", **more) as got:
                return self.heard(list(got)[-1].response)

    def heard(self, response) -> Heard:
        incomplete = response.incomplete_details
        heard = Heard(text=response.output_text, finish=incomplete.reason if incomplete else response.status)
        for item in response.output:
            if item.type == "reasoning":
                heard.reasoning += "".join(part.text for part in item.summary)
            elif item.type == "function_call" and heard.finish != self.blocked:
                heard.arguments.append(json.loads(item.arguments))
        return heard


class Messages:
    name = "messages"
    blocked = "refusal"
    surfaces = ("output", "reasoning", "tool_args")

    def answer(self, said: Said, streamed: bool) -> Answer:
        arguments = None if said.argument is None else {"place": said.argument}
        stop = "end_turn" if arguments is None else "tool_use"
        call = {"type": "tool_use", "id": "toolu_1", "name": "go", "input": {}}
        if not streamed:
            content = []
            if said.reasoning:
                content.append({"type": "thinking", "thinking": said.reasoning, "signature": SIGNATURE})
            if said.text:
                content.append({"type": "text", "text": said.text})
            if arguments is not None:
                content.append({**call, "input": arguments})
            return whole(message(content, stop))
        blocks = []
        if said.reasoning:
            deltas = [{"type": "thinking_delta", "thinking": part} for part in pieces_of(said.reasoning, 3)]
            seal = {"type": "signature_delta", "signature": SIGNATURE}
            blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, [*deltas, seal]))
        if said.text:
            blocks.append(text_deltas(said.text))
        if arguments is not None:
            parts = pieces_of(json.dumps(arguments), 3)
            blocks.append((call, [{"type": "input_json_delta", "partial_json": part} for part in parts]))
        return sse(message_stream(blocks, stop))

    def ask(self, prefd, streamed: bool, **more) -> Heard:
        with anthropic_sdk(prefd, max_retries=more.pop("max_retries", 0)) as client:
            how = {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi"}], **more}
            if not streamed:
                return self.heard(client.messages.create(**how))
            with client.messages.stream(**how) as got:
                return self.heard(got.get_final_message())

    def heard(self, message) -> Heard:
        heard = Heard(finish=message.stop_reason)
        for block in message.content:
            if block.type == "text":
                heard.text += block.text
            elif block.type == "thinking":
                heard.reasoning += block.thinking
                heard.signatures.append(block.signature)
            elif block.type == "tool_use" and message.stop_reason != self.blocked:
                heard.arguments.append(block.input)
        return heard


class OllamaChat:
    name = "ollama-chat"
    blocked = "content_filter"
    surfaces = ("output", "reasoning", "tool_args")

    def line(self, done=False, **message) -> dict:
        body = {"model": "played", "created_at": "2026-01-01T00:00:00.1Z"}
        body["message"] = {"role": "assistant", "content": "", **message}
        return {**body, "done": True, "done_reason": "stop", "eval_count": 11} if done else {**body, "done": False}

    def calls(self, said: Said) -> dict:
        if said.argument is None:
            return {}
        return {"tool_calls": [{"function": {"name": "go", "arguments": {"place": said.argument}}}]}

    def answer(self, said: Said, streamed: bool) -> Answer:
        if not streamed:
            thought = {"thinking": said.reasoning} if said.reasoning else {}
            return whole(self.line(done=True, content=said.text, **thought, **self.calls(said)))
        parts = [self.line(thinking=part) for part in pieces_of(said.reasoning, 3)]
        parts += [self.line(content=part) for part in pieces_of(said.text, 3)]
        if said.argument is not None:
            parts.append(self.line(**self.calls(said)))
        return lines([*parts, self.line(done=True)])

    def ask(self, prefd, streamed: bool, **more) -> Heard:
        client = ollama_sdk(prefd)
        got = client.chat("m", messages=[{"role": "user", "content": "Hi"}], stream=streamed, **more)
        return self.heard(got if streamed else [got])

    def heard(self, parts) -> Heard:
        heard = Heard()
        for part in parts:
            assert heard.finish is None, "something came after the last line"
            heard.text += part.message.content or ""
            heard.reasoning += part.message.thinking or ""
            heard.arguments += [dict(call.function.arguments) for call in part.message.tool_calls or []]
            heard.finish = part.done_reason if part.done else None
        return heard


class OllamaGenerate:
    name = "ollama-generate"
    blocked = "content_filter"
    surfaces = ("output", "reasoning")

    def line(self, done=False, **text) -> dict:
        body = {"model": "played", "created_at": "2026-01-01T00:00:00.1Z", "response": "", **text}
        end = {"done": True, "done_reason": "stop", "context": [1, 2, 3], "eval_count": 11}
        return {**body, **end} if done else {**body, "done": False}

    def answer(self, said: Said, streamed: bool) -> Answer:
        thought = {"thinking": said.reasoning} if said.reasoning else {}
        if not streamed:
            return whole(self.line(done=True, response=said.text, **thought))
        parts = [self.line(thinking=part) for part in pieces_of(said.reasoning, 3)]
        parts += [self.line(response=part) for part in pieces_of(said.text, 3)]
        return lines([*parts, self.line(done=True)])

    def ask(self, prefd, streamed: bool, **more) -> Heard:
        got = ollama_sdk(prefd).generate("m", prompt="Hi", stream=streamed, **more)
        heard = Heard()
        for part in got if streamed else [got]:
            assert heard.finish is None, "something came after the last line"
            heard.text += part.response or ""
            heard.reasoning += part.thinking or ""
            heard.finish = part.done_reason if part.done else None
        return heard


ALL = [Chat(), Responses(), Completions(), Messages(), OllamaChat(), OllamaGenerate()]
