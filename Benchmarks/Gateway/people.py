"""What prefd's users set before the load: preferences and consent, in the name of each."""

import json

from client import Failed

# Ten preferences of the kind that ask for a directive each.
PREFERENCES = {
    "verbosity": "concise",
    "tone": "casual",
    "warmth": "matter-of-fact",
    "directness": "answer-first",
    "hedging": "direct",
    "format": "prose",
    "expertise": "advanced",
    "examples": "some",
    "units": "metric",
    "code-style": "commented",
}
WRITERS = 32  # connections that write at once


def name_of(number):
    """The user of this number, as the load generator writes it."""
    return f"u{number:07}"


def put_all(load, server, count, path, body):
    """PUTs `body` at `path` once for each of `count` users; what the load generator measured."""
    written = load.run(
        server,
        body=json.dumps(body).encode(),
        arguments=[
            *("--method", "PUT", "--path", path),
            *("--users", str(count), "--requests", str(count)),
            *("--connections", str(min(WRITERS, count)), "--timeout", "600"),
        ],
    )
    if written["completed"] != count:
        raise Failed(f"{server.name}: PUT {path}: {written['first_error']}")
    return written


def set_preferences(load, server, count, preferences):
    wanted = [{"dimension": d, "value": v} for d, v in preferences.items()]
    return put_all(load, server, count, "/prefd/v1/preferences", {"preferences": wanted})


def consent_to_signals(load, server, count):
    put_all(load, server, count, "/prefd/v1/consent/signals.explicit", {"granted": True})
