"""The promises of the signature check, with real keys and a key host on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

import adobe_signatures
from adobe_signatures import AdobeKeys, KeyUnavailableError, NotSignedError, read_signatures
from fake_adobe import FORGER, KEY_PATHS, KEYS, Fake, pem, published_keys, serve, signature, signed

BODY = b'{"event_id": "e-1"}'


@pytest.fixture
def key_host() -> Iterator[Fake]:
    """Adobe's key host."""
    with serve(published_keys()) as host:
        yield host


class Clock:
    """A clock that stands still until it is told."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def verify(keys: AdobeKeys, headers: dict[str, str], body: bytes = BODY) -> str:
    """Return what is said of a request: "signed", or the error and its message."""
    try:
        keys.verify(body, read_signatures(headers))
    except (NotSignedError, KeyUnavailableError) as error:
        return f"{type(error).__name__}: {error}"
    return "signed"


def by(path: str, key: RSAPrivateKey = KEYS[0]) -> dict[str, str]:
    """Return headers that name one key."""
    return {"x-adobe-public-key1-path": path, "x-adobe-digital-signature-1": signature(key, BODY)}


@pytest.mark.parametrize("numbers", [(1, 2), (1,), (2,)])
def test_one_good_signature_suffices(key_host: Fake, numbers: tuple[int, ...]) -> None:
    """A request is signed when one of its signatures is right, whatever the other is."""
    keys = AdobeKeys(key_host.url)
    assert verify(keys, signed(BODY, *numbers)) == "signed"
    for other in {1, 2} - set(numbers):
        name = f"x-adobe-digital-signature-{other}"
        for spoilt in (signature(FORGER, BODY), "*", "", "é"):
            assert verify(keys, {**signed(BODY), name: spoilt}) == "signed"


def test_header_names_are_read_in_any_case(key_host: Fake) -> None:
    """Headers may come in the case that a server gives them."""
    keys = AdobeKeys(key_host.url)
    assert verify(keys, {name.title(): value for name, value in signed(BODY).items()}) == "signed"


def test_forged_requests_are_refused(key_host: Fake) -> None:
    """A signature by another key, of another body or by the other of the two keys does not match."""
    keys = AdobeKeys(key_host.url)
    forged = {f"x-adobe-digital-signature-{number}": signature(FORGER, BODY) for number in (1, 2)}
    swapped = {f"x-adobe-digital-signature-{number}": signature(KEYS[2 - number], BODY) for number in (1, 2)}
    refusal = "NotSignedError: the signature does not match"
    assert verify(keys, {**signed(BODY), **forged}) == refusal
    assert verify(keys, {**signed(BODY), **swapped}) == refusal
    assert verify(keys, signed(BODY), BODY + b" ") == refusal


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "no signature"),
        ({"x-adobe-digital-signature-1": "AAAA"}, "key path 1 is malformed"),
        ({"x-adobe-public-key2-path": "/k.pem"}, "signature 2 is malformed"),
        (
            {
                "x-adobe-public-key1-path": "/k.pem",
                "x-adobe-digital-signature-1": "*",
                "x-adobe-public-key2-path": "/k.pem",
                "x-adobe-digital-signature-2": "Zäh",
            },
            "signature 1 is malformed; signature 2 is malformed",
        ),
    ],
    ids=["none", "without path", "without signature", "not base64 and not ASCII"],
)
def test_malformed_headers_are_refused(headers: dict[str, str], reason: str) -> None:
    """Headers of the wrong form are refused before anything is fetched, with the reason and none of their values."""
    with pytest.raises(NotSignedError) as caught:
        read_signatures(headers)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "path",
    ["http://host/k.pem", "//host/k.pem", "@host/k.pem", ".host/k.pem", "/../k.pem", "/k.pem?x", "/k.pem\n", "/é.pem"],
)
def test_keys_come_from_the_key_host_only(path: str) -> None:
    """A path that could lead elsewhere is malformed."""
    with pytest.raises(NotSignedError, match=r"\Akey path 1 is malformed\Z"):
        read_signatures(by(path, FORGER))


def test_key_paths_have_a_limit() -> None:
    """A key path is 200 characters long at most."""
    longest = f"/{'k' * 195}.pem"
    assert [found.key_path for found in read_signatures(by(longest))] == [longest]
    with pytest.raises(NotSignedError, match=r"\Akey path 1 is malformed\Z"):
        read_signatures(by(f"/k{longest[1:]}"))


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        (404, pem(FORGER), "the key host answers 404"),
        (302, pem(FORGER), "the key host answers 302"),
        (200, b"<html>", "the key is not a PEM key"),
        (200, pem(ec.generate_private_key(ec.SECP256R1())), "the key is not an RSA key"),
    ],
)
def test_paths_without_a_key_are_refused_and_remembered(
    key_host: Fake, status: int, content: bytes, reason: str
) -> None:
    """A path of the key host that holds no RSA key verifies nothing, and is asked for once a minute."""
    clock = Clock()
    keys = AdobeKeys(key_host.url, clock=clock)
    key_host.answers["/odd.pem"] = (status, content)
    for seconds, asked in ((0, 1), (59.9, 1), (0.1, 2)):
        clock.now += seconds
        assert verify(keys, by("/odd.pem", FORGER)) == f"NotSignedError: {reason}"
        assert key_host.paths() == ["/odd.pem"] * asked


def test_keys_are_kept_for_a_day(key_host: Fake) -> None:
    """A key is fetched once on a day, and again on the next."""
    clock = Clock()
    keys = AdobeKeys(key_host.url, clock=clock)
    for seconds, asked in ((0, 1), (24 * 60 * 60 - 1, 1), (1, 2)):
        clock.now += seconds
        assert verify(keys, signed(BODY, 1)) == "signed"
        assert key_host.paths() == [KEY_PATHS[0]] * asked


def test_replaced_key_is_fetched_again(key_host: Fake) -> None:
    """When a signature does not match a kept key the key is fetched again, at most once a minute."""
    clock = Clock()
    keys = AdobeKeys(key_host.url, clock=clock)
    assert verify(keys, by(KEY_PATHS[0])) == "signed"
    key_host.answers[KEY_PATHS[0]] = (200, pem(FORGER))
    clock.now += 59.9
    assert verify(keys, by(KEY_PATHS[0], FORGER)) == "NotSignedError: the signature does not match"
    assert len(key_host.requests) == 1
    clock.now += 0.1
    assert verify(keys, by(KEY_PATHS[0], FORGER)) == "signed"
    assert verify(keys, by(KEY_PATHS[0])) == "NotSignedError: the signature does not match"
    assert len(key_host.requests) == 2


def test_kept_key_outlives_a_key_host_that_is_down(key_host: Fake) -> None:
    """While the host is down a kept key still verifies, and a forged request makes it ask once a minute."""
    clock = Clock()
    keys = AdobeKeys(key_host.url, clock=clock)
    assert verify(keys, by(KEY_PATHS[0])) == "signed"
    key_host.answers[KEY_PATHS[0]] = (500, b"")
    clock.now += 60
    for _ in range(3):
        assert verify(keys, by(KEY_PATHS[0], FORGER)) == "KeyUnavailableError: the key host answers 500"
        assert verify(keys, by(KEY_PATHS[0])) == "signed"
    assert len(key_host.requests) == 2


def test_withdrawn_key_is_forgotten(key_host: Fake) -> None:
    """A key that the host turns out to have withdrawn verifies nothing any more."""
    clock = Clock()
    keys = AdobeKeys(key_host.url, clock=clock)
    assert verify(keys, by(KEY_PATHS[0])) == "signed"
    del key_host.answers[KEY_PATHS[0]]
    clock.now += 60
    assert verify(keys, by(KEY_PATHS[0], FORGER)) == "NotSignedError: the key host answers 404"
    assert verify(keys, by(KEY_PATHS[0])) == "NotSignedError: the key host answers 404"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_key_host_that_is_down_is_asked_again(key_host: Fake, status: int) -> None:
    """While no key can be fetched nothing is said of the signature, and the next request tries at once."""
    keys = AdobeKeys(key_host.url)
    key_host.answers = dict.fromkeys(KEY_PATHS, (status, b""))
    assert verify(keys, signed(BODY)) == f"KeyUnavailableError: the key host answers {status}"
    key_host.answers[KEY_PATHS[1]] = (200, pem(KEYS[1]))
    assert verify(keys, signed(BODY)) == "signed"
    assert verify(keys, by(KEY_PATHS[0], FORGER)) == f"KeyUnavailableError: the key host answers {status}"


def test_key_that_is_kept_is_preferred(key_host: Fake) -> None:
    """Nothing is fetched while one of the two keys is kept and its signature matches."""
    keys = AdobeKeys(key_host.url)
    assert verify(keys, signed(BODY, 2)) == "signed"
    assert verify(keys, signed(BODY)) == "signed"
    assert key_host.paths() == [KEY_PATHS[1]]


def test_key_host_that_cannot_be_reached() -> None:
    """A host that refuses connections is temporarily unavailable."""
    with serve({}) as host:
        url = host.url
    assert verify(AdobeKeys(url), signed(BODY)) == "KeyUnavailableError: the key host cannot be reached"


def test_slow_key_host_is_not_waited_for(key_host: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that does not come in time is unavailable, and is used once it is there."""
    keys = AdobeKeys(key_host.url)
    monkeypatch.setattr(adobe_signatures, "FETCH_TIMEOUT", 0.05)
    key_host.is_open.clear()
    assert verify(keys, signed(BODY, 1)) == "KeyUnavailableError: the key host is slow"
    key_host.is_open.set()
    monkeypatch.setattr(adobe_signatures, "FETCH_TIMEOUT", 10)
    assert verify(keys, signed(BODY, 1)) == "signed"
    assert key_host.paths() == [KEY_PATHS[0]]


def test_few_keys_are_fetched_at_once(key_host: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four keys are fetched at once at most. Who needs a fifth is told so at once, and kept keys still verify."""
    monkeypatch.setattr(adobe_signatures, "FETCH_TIMEOUT", 60)
    keys = AdobeKeys(key_host.url)
    assert verify(keys, signed(BODY, 2)) == "signed"
    key_host.requests.clear()
    key_host.is_open.clear()
    paths = [f"/unknown-{number}.pem" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(verify, keys, by(path)) for path in paths]
        while len(key_host.requests) < 4:
            time.sleep(0.01)
        busy = "KeyUnavailableError: too many keys are being fetched"
        assert verify(keys, by("/unknown-4.pem")) == busy
        assert verify(keys, signed(BODY, 2)) == "signed"
        assert [done.done() for done in waiting] == [False] * 4
        key_host.is_open.set()
        assert [done.result() for done in waiting] == ["NotSignedError: the key host answers 404"] * 4
    assert sorted(key_host.paths()) == paths
    assert verify(keys, by("/unknown-4.pem")) == "NotSignedError: the key host answers 404"


def test_fetches_end(key_host: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetches that hang end, and make room for others."""
    monkeypatch.setattr(adobe_signatures, "FETCH_TIMEOUT", 0.2)
    keys = AdobeKeys(key_host.url)
    key_host.is_open.clear()
    slow = "KeyUnavailableError: the key host is slow"
    with ThreadPoolExecutor(4) as pool:
        paths = [f"/unknown-{number}.pem" for number in range(4)]
        assert list(pool.map(verify, [keys] * 4, map(by, paths))) == [slow] * 4
    deadline = time.monotonic() + 60
    while verify(keys, by("/unknown-4.pem")) != slow:
        assert time.monotonic() < deadline


def test_threads_that_need_a_key_share_its_fetch(key_host: Fake) -> None:
    """When requests need the same key at the same time, one fetches it, and all are verified."""
    keys = AdobeKeys(key_host.url)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(verify, [keys] * 8, [signed(BODY, 1)] * 8)) == ["signed"] * 8
    assert key_host.paths() == [KEY_PATHS[0]]


def test_nothing_is_verified_without_signatures(key_host: Fake) -> None:
    """An empty list of signatures verifies nothing."""
    with pytest.raises(NotSignedError, match=r"\Ano signature\Z"):
        AdobeKeys(key_host.url).verify(BODY, [])
