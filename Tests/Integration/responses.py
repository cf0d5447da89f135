"""OpenAI's Responses as a model server gives them, whole and streamed."""

from __future__ import annotations

import json

from answers import dumps, pieces_of


def text_part(text: str, **more) -> dict:
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text, **more}


def message(text: str, status="completed", parts=None, **more) -> dict:
    content = [text_part(text)] if parts is None else parts
    return {"id": "msg_1", "type": "message", "status": status, "role": "assistant", "content": content, **more}


def reasoning(text: str) -> dict:
    return {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": text}]}


def call(arguments: str, status="completed") -> dict:
    return {
        "id": "fc_1",
        "type": "function_call",
        "status": status,
        "arguments": arguments,
        "call_id": "call_1",
        "name": "weather",
    }


def response(output: list[dict], status="completed", **more) -> dict:
    usage = {
        "input_tokens": 7,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 11,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 18,
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "played",
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": usage if status == "completed" else None,
        **more,
    }


def stream(*items: dict, size=3, end=True, **more) -> bytes:
    """The events of a response with these items, its texts in small pieces, as OpenAI sends them."""
    parts: list[tuple[str, dict]] = []
    begun = response([], "in_progress", **more)
    parts += [("created", {"response": begun}), ("in_progress", {"response": begun})]
    for index, item in enumerate(items):
        place = {"item_id": item["id"], "output_index": index}
        if item["type"] == "message":
            begun = {**item, "status": "in_progress", "content": []}
            parts.append(("output_item.added", {"output_index": index, "item": begun}))
            for number, part in enumerate(item["content"]):
                at = {**place, "content_index": number}
                parts.append(("content_part.added", {**at, "part": {**part, "text": ""}}))
                for piece in pieces_of(part["text"], size):
                    parts.append(("output_text.delta", {**at, "delta": piece, "logprobs": [], "obfuscation": "Xy1"}))
                parts.append(("output_text.done", {**at, "text": part["text"], "logprobs": []}))
                parts.append(("content_part.done", {**at, "part": part}))
        elif item["type"] == "reasoning":
            parts.append(("output_item.added", {"output_index": index, "item": {**item, "summary": []}}))
            for number, part in enumerate(item["summary"]):
                at = {**place, "summary_index": number}
                parts.append(("reasoning_summary_part.added", {**at, "part": {**part, "text": ""}}))
                for piece in pieces_of(part["text"], size):
                    parts.append(("reasoning_summary_text.delta", {**at, "delta": piece}))
                parts.append(("reasoning_summary_text.done", {**at, "text": part["text"]}))
                parts.append(("reasoning_summary_part.done", {**at, "part": part}))
        else:
            begun = {**item, "status": "in_progress", "arguments": ""}
            parts.append(("output_item.added", {"output_index": index, "item": begun}))
            for piece in pieces_of(item["arguments"], size):
                parts.append(("function_call_arguments.delta", {**place, "delta": piece}))
            parts.append(("function_call_arguments.done", {**place, "arguments": item["arguments"], "name": item["name"]}))
        parts.append(("output_item.done", {"output_index": index, "item": item}))
    if end:
        parts.append(("completed", {"response": response(list(items), **more)}))
    return b"".join(
        f"event: response.{name}\ndata: ".encode()
        + dumps({"type": f"response.{name}", "sequence_number": number, **rest})
        + b"\n\n"
        for number, (name, rest) in enumerate(parts)
    )


def events(body: bytes) -> list[dict]:
    return [json.loads(line[6:]) for line in body.split(b"\n") if line.startswith(b"data: {")]
