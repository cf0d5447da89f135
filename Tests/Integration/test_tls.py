"""Backends over HTTPS: certificates are checked, and prefd's answers say what was wrong."""

import pytest

from answers import completion, pieces_of, sse, stream, whole

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def reached(make_prefd, make_backend, certificates, served, trusted, host="127.0.0.1"):
    backend = make_backend("tls", tls=(certificates / f"{served}.pem", certificates / f"{served}.key"))
    backend.host = host
    backend.script(whole(completion("over TLS")))
    one = {"name": "secure", "url": backend.url, "models": ["*"]}
    if trusted:
        one["ca"] = str(certificates / f"{trusted}.pem")
    prefd = make_prefd([one], start=False).start(statuses=(200, 503))
    return prefd, backend


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_an_https_backend_with_its_authority_is_used(make_prefd, make_backend, certificates, host):
    prefd, backend = reached(make_prefd, make_backend, certificates, "localhost", "ca", host)
    with prefd.wire() as wire:
        assert wire.chat(HI).json()["choices"][0]["message"]["content"] == "over TLS"
        body = stream(pieces_of("Over TLS in small pieces.", 3))
        backend.script(sse(body, each_byte=True))
        for _ in range(5):
            assert wire.chat({**HI, "stream": True}).body == body
    assert backend.state()["connections"] <= 3


@pytest.mark.parametrize(
    ("served", "trusted"), [("localhost", "stranger"), ("localhost", None), ("elsewhere", "ca")],
    ids=["another authority", "only the system's authorities", "another name"],
)
def test_a_certificate_that_does_not_fit_is_refused(make_prefd, make_backend, certificates, served, trusted):
    prefd, backend = reached(make_prefd, make_backend, certificates, served, trusted)
    with prefd.wire() as wire:
        reply = wire.chat(HI)
        assert reply.status == 502 and "secure" in reply.json()["error"]["message"]
    assert backend.take() == [], "a request was sent to a server that could not prove its name"
