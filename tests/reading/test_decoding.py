"""Tests of decoding: whatever a payload is given as, to UTF-8 bytes and to JSON."""

from __future__ import annotations

import copy
import json
from array import array
from collections import OrderedDict, UserDict, UserList, deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path, PureWindowsPath
from types import MappingProxyType
from typing import Any, cast

import pytest

from flowrun_notifications import InvalidJSONError
from flowrun_notifications._reading.decoding import Payload, decode_json, to_bytes

NESTED: dict[str, Any] = {"a": [1, 2.5, None, True, "é 🛰 \u2028"], "b": {"": {}, "c": []}}
"""A value of every kind that JSON has."""


def decoded(payload: Any) -> object:
    """Return a payload of any kind as decoded JSON."""
    return decode_json(to_bytes(payload))


def refusal(payload: Any) -> InvalidJSONError:
    """Return the error that says why a payload is not JSON."""
    with pytest.raises(InvalidJSONError) as caught:
        decoded(payload)
    return caught.value


def told(error: InvalidJSONError) -> tuple[str, int | None, int | None]:
    """Return the message and the place of an error."""
    return str(error), error.line, error.column


class TestForms:
    """Text, bytes and decoded JSON of every type."""

    @pytest.mark.parametrize("value", [NESTED, [], {}, [NESTED, NESTED], None, 5, "text"])
    @pytest.mark.parametrize("ascii_only", [True, False])
    def test_text_and_bytes(self, value: object, ascii_only: bool) -> None:
        """Text and every kind of bytes read as the JSON they are."""
        text = json.dumps(value, ensure_ascii=ascii_only)
        data = text.encode()
        assert decoded(text) == value
        assert decoded(data) == value
        assert decoded(bytearray(data)) == value
        assert decoded(memoryview(data)) == value
        assert decoded(memoryview(b"x" + data + b"x")[1:-1]) == value

    def test_bytes_are_not_copied(self) -> None:
        """Bytes are taken as they are."""
        data = b"{}"
        assert to_bytes(data) is data

    def test_bytes_of_another_shape(self) -> None:
        """A view with holes, or of other items than bytes, is read as the bytes that it shows."""
        assert decoded(memoryview(b"[x1x]x")[::2]) == [1]
        assert decoded(memoryview(array("H", b"[1,2]   "))) == [1, 2]

    def test_subclass_of_text(self) -> None:
        """A subclass of text is text."""

        class Text(str):
            __slots__ = ()

        assert decoded(Text('{"a": 1}')) == {"a": 1}

    @pytest.mark.parametrize(
        "payload",
        [
            NESTED,
            OrderedDict(NESTED),
            UserDict(NESTED),
            MappingProxyType(NESTED),
            {"a": tuple(NESTED["a"]), "b": UserDict({"": MappingProxyType[str, Any]({}), "c": UserList[Any]()})},
        ],
        ids=["dict", "OrderedDict", "UserDict", "MappingProxyType", "mixed"],
    )
    def test_mappings(self, payload: Any) -> None:
        """Mappings of every type read as objects."""
        assert decoded(payload) == NESTED

    @pytest.mark.parametrize(
        "payload",
        [[NESTED], (NESTED,), UserList([NESTED]), deque([NESTED])],
        ids=["list", "tuple", "UserList", "deque"],
    )
    def test_sequences(self, payload: Any) -> None:
        """Sequences of every type read as lists."""
        assert decoded(payload) == [NESTED]

    def test_types_of_ones_own(self) -> None:
        """A user's own mappings and sequences do, too."""

        class Keys(Mapping[str, Any]):
            def __getitem__(self, key: str) -> Any:
                return len(key)

            def __iter__(self) -> Iterator[str]:
                return iter("k")

            def __len__(self) -> int:
                return 1

        class Items(Sequence[Any]):
            def __getitem__(self, index: Any) -> Any:
                items: tuple[Any, ...] = (Keys(),)
                return items[index]

            def __len__(self) -> int:
                return 1

        assert decoded(Items()) == [{"k": 1}]

    def test_input_is_never_changed(self) -> None:
        """Decoded input stays as it was, and the result shares nothing with it."""
        payload = copy.deepcopy(NESTED)
        result = cast("dict[str, Any]", decoded(payload))
        result["a"].append(1)
        result["b"]["c"].append(1)
        assert payload == NESTED

    @pytest.mark.parametrize("scalar", [None, True, 5, 2.5])
    def test_scalars(self, scalar: object) -> None:
        """A number, a truth value or null is JSON."""
        assert decoded(scalar) == scalar

    @pytest.mark.parametrize("number", [10**400, -(10**400), 2**63, 5e-324, 1.7976931348623157e308])
    def test_numbers(self, number: float) -> None:
        """Numbers of any size keep their value."""
        assert decoded([number]) == decoded(json.dumps([number])) == [number]


class TestByteOrderMark:
    """A UTF-8 byte order mark."""

    @pytest.mark.parametrize("payload", [b"\xef\xbb\xbf[1]", "\ufeff[1]", bytearray(b"\xef\xbb\xbf [1]\n")])
    def test_ignored(self, payload: Any) -> None:
        """In front it is ignored."""
        assert decoded(payload) == [1]

    def test_with_lone_surrogates(self) -> None:
        """It is ignored also where the text has to be mended."""
        assert decoded(b'\xef\xbb\xbf["\\ud800"]') == ["\ufffd"]

    @pytest.mark.parametrize(
        ("payload", "message"),
        [
            (b"\xef\xbb\xbf", "the payload is empty (line 1, column 0)"),
            (b"\xef\xbb\xbf" * 2 + b"[]", "the payload is not JSON: expected value (line 1, column 1)"),
            (b" \xef\xbb\xbf[]", "the payload is not JSON: expected value (line 1, column 2)"),
        ],
        ids=["alone", "twice", "after space"],
    )
    def test_elsewhere(self, payload: bytes, message: str) -> None:
        """Alone it is an empty payload, and anywhere else it is not JSON."""
        assert str(refusal(payload)) == message


class TestRepeatedKeys:
    """JSON text may repeat a key."""

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ('{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}),
            ('[{"a": {"x": 1}, "a": {"y": 2}}]', [{"a": {"y": 2}}]),
            ('{"a": 1, "\\u0061": null}', {"a": None}),
        ],
    )
    def test_last_wins(self, text: str, wanted: object) -> None:
        """The last one wins, at any level and however it is written."""
        assert decoded(text) == wanted


class TestLoneSurrogates:
    """Halves of characters, which UTF-8 cannot hold."""

    @pytest.mark.parametrize(
        ("escaped", "wanted"),
        [
            (r"\ud800", "\ufffd"),
            (r"\uDFFF", "\ufffd"),
            (r"\ud83d\ude80", "🚀"),
            (r"\ud83d\ude80\ude80", "🚀\ufffd"),
            (r"\ud83d\ud83d\ude80", "\ufffd🚀"),
            (r"\ude80\ud83d", "\ufffd\ufffd"),
            (r"a\ud800b\udc00c", "a\ufffdb\ufffdc"),
            (r"\ud800\u0041", "\ufffdA"),
            (r"\ud800\n\"\\", '\ufffd\n"\\'),
            (r"\\ud800 \ud800", "\\ud800 \ufffd"),
            (r"\\\ud800", "\\\ufffd"),
            (r"\\\\ud800\ud800", "\\\\ud800\ufffd"),
            (r"\"\\ud800\"\ud800", '"\\ud800"\ufffd'),
        ],
    )
    def test_escaped(self, escaped: str, wanted: str) -> None:
        """Each costs that character and no other."""
        text = f'{{"{escaped}": ["{escaped}"]}}'
        assert decoded(text) == decoded(text.encode()) == {wanted: [wanted]}

    def test_in_text(self) -> None:
        """In text and in decoded JSON each costs that character; halves that belong together are one."""
        broken, whole = "a\ud800b\udc00", "a\ufffdb\ufffd"
        assert decoded(f'["{broken}"]') == decoded([broken]) == [whole]
        assert decoded({broken: {broken: 1}}) == {whole: {whole: 1}}
        assert decoded('["\ud83d\ude80"]') == decoded(["\ud83d\ude80"]) == ["🚀"]

    @pytest.mark.parametrize("escaped", [rb"\ud800", rb"\ud83d\ude80"], ids=["lone", "pair"])
    def test_the_rest_must_be_json(self, escaped: bytes) -> None:
        """Other errors are reported where they stand, with halves that were mended and without."""
        column = len(escaped) + 6
        assert told(refusal(b'["' + escaped + b'", x]')) == (
            f"the payload is not JSON: expected value (line 1, column {column})",
            1,
            column,
        )

    @pytest.mark.parametrize(
        ("data", "what"),
        [
            (b'["\xed\xa0\x80"]', "invalid unicode code point"),
            (b'["\xff"]', "invalid unicode code point"),
            (b'["\xc3', "EOF while parsing a string"),
            (b"\xff", "expected value"),
        ],
    )
    def test_not_utf8(self, data: bytes, what: str) -> None:
        """As raw bytes they are not UTF-8, and no encoder writes them so; other bytes are not mended either."""
        error = refusal(data)
        assert error.line == 1
        assert error.column in range(1, 5)  # versions of core differ in the byte that they name
        assert str(error) == f"the payload is not JSON: {what} (line 1, column {error.column})"


class TestNotJSON:
    """Text or bytes that are not JSON."""

    @pytest.mark.parametrize(
        ("payload", "message", "line", "column"),
        [
            (b"", "the payload is empty", 1, 0),
            ("", "the payload is empty", 1, 0),
            (b" \r\n\t", "the payload is empty", 2, 1),
            (b'{"id": "r"', "the payload is not JSON: EOF while parsing an object", 1, 10),
            (b'{\n "id": secret}', "the payload is not JSON: expected value", 2, 8),
            (b'{"a": 1,}', "the payload is not JSON: trailing comma", 1, 9),
            (b"{} {}", "the payload is not JSON: trailing characters", 1, 4),
            (b"{'a': 1}", "the payload is not JSON: key must be a string", 1, 2),
            (
                b'["a\nb"]',
                "the payload is not JSON: control character (\\u0000-\\u001F) found while parsing a string",
                2,
                0,
            ),
            (
                b'["ab\0"]',
                "the payload is not JSON: control character (\\u0000-\\u001F) found while parsing a string",
                1,
                5,
            ),
            (b"NaN", "the payload is not JSON: NaN is not a number in JSON", 1, 1),
            (b"[NaN]", "the payload is not JSON: NaN is not a number in JSON", 1, 2),
            (b'{"a": 1,\n\n "b": Infinity}', "the payload is not JSON: Infinity is not a number in JSON", 3, 7),
            (b'\xef\xbb\xbf["\\ud800", NaN]', "the payload is not JSON: NaN is not a number in JSON", 1, 12),
            (b"[-Infinity]", "the payload is not JSON: -Infinity is not a number in JSON", 1, 3),
            (b"[Nan]", "the payload is not JSON: expected value", 1, 2),
            (b"[01]", "the payload is not JSON: invalid number", 1, 3),
            ("runs", "the payload is not JSON: expected value", 1, 1),
        ],
    )
    def test_message(self, payload: Any, message: str, line: int, column: int) -> None:
        """The message says what is wrong and where, and quotes nothing."""
        assert told(refusal(payload)) == (f"{message} (line {line}, column {column})", line, column)

    @pytest.mark.parametrize(
        "path",
        [
            *("/data/runs.json", "runs.json", "./runs", "../runs.ndjson", "data/2025/runs", ".runs", "a.b.json.gz"),
            *("C:\\data\\runs.json", "C:/data/runs.json", "\\\\server\\share\\runs.json", "s3/bucket-1/ü_(1).json"),
        ],
    )
    def test_path(self, path: str) -> None:
        """The path of a file in place of its content is recognised."""
        message = "the payload is not JSON but looks like a file's path; read the file and pass what it holds"
        assert str(refusal(path)) == str(refusal(path.encode())) == f"{message} (line 1, column 1)"

    @pytest.mark.parametrize(
        "text", ["runs", "a b.json", "/" + "x" * 300, "a.b c", '"/data/runs.json', "[/data", "a:b/c"]
    )
    def test_not_a_path(self, text: str) -> None:
        """Other text is not taken for a path."""
        assert str(refusal(text)).startswith("the payload is not JSON: ")

    def test_longest_path(self) -> None:
        """A path may be 300 bytes long."""
        assert str(refusal("/" + "x" * 299)).startswith("the payload is not JSON but looks like a file's path; ")

    @pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
    def test_byte_order_mark_of_another_encoding(self, mark: bytes) -> None:
        """A byte order mark of UTF-16 is recognised, also before text that is not ASCII."""
        assert str(refusal(mark + b"\x57\x58")) == (
            "the payload is not UTF-8; its first bytes look like UTF-16 or UTF-32 (line 1, column 1)"
        )

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
    def test_other_encodings(self, encoding: str) -> None:
        """Other encodings are recognised."""
        assert str(refusal('{"id": "r"}'.encode(encoding))).startswith(
            "the payload is not UTF-8; its first bytes look like UTF-16 or UTF-32 (line 1, column "
        )

    @pytest.mark.parametrize("opening", [b"[", b'{"a":'])
    @pytest.mark.parametrize("depth", [300, 100_000])
    def test_nested_too_deeply(self, opening: bytes, depth: int) -> None:
        """The message says so where a payload nests too deeply, broken or not."""
        error = refusal(opening * depth)
        assert str(error) == f"the payload nests too deeply (line {error.line}, column {error.column})"
        assert refusal(b"[" * 300 + b"]" * 300).line == 1

    def test_deep_enough(self) -> None:
        """Any depth that a payload can have is read."""
        assert decoded(b"[" * 150 + b"]" * 150) == json.loads("[" * 150 + "]" * 150)

    def test_chained(self) -> None:
        """The error is chained to the decoder's own."""
        cause = refusal(b"[secret]").__cause__
        assert (type(cause), str(cause)) == (ValueError, "expected value at line 1 column 2")


class TestNotDecodedJSON:
    """Decoded input that is not JSON."""

    @pytest.mark.parametrize(
        ("payload", "why", "cause"),
        [
            ({1, 2}, "a set cannot stand in JSON", TypeError),
            ({"a": [{1}]}, "a set cannot stand in JSON", TypeError),
            ({"a": b"{}"}, "a bytes cannot stand in JSON", TypeError),
            ({"a": bytearray(b"{}")}, "a bytearray cannot stand in JSON", TypeError),
            ([memoryview(b"{}")], "a memoryview cannot stand in JSON", TypeError),
            ([datetime(2025, 1, 1, tzinfo=timezone.utc)], "a datetime cannot stand in JSON", TypeError),
            ([Decimal(1)], "a Decimal cannot stand in JSON", TypeError),
            (iter([1]), "a list_iterator cannot stand in JSON", TypeError),
            ({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple", TypeError),
            ({"a": float("nan")}, "it holds NaN at a, which is not a number in JSON", ValueError),
            (
                [1.5, ({"b": "NaN"}, float("inf"))],
                "it holds Infinity at [1][1], which is not a number in JSON",
                ValueError,
            ),
            (float("-inf"), "it holds -Infinity, which is not a number in JSON", ValueError),
            (UserDict({"a": [float("nan")]}), "it holds NaN at a[0], which is not a number in JSON", ValueError),
            ({"a.b": {5: float("nan")}}, 'it holds NaN at ["a.b"].5, which is not a number in JSON', ValueError),
            ({"b": [{float("nan"): 1}]}, "it holds NaN at b[0].nan, which is not a number in JSON", ValueError),
            ([10**5000], "it holds a number that JSON does not have", ValueError),
            (Path("/data/runs.json"), "it is a path; read the file and pass what it holds", TypeError),
            (PureWindowsPath("C:/runs.json"), "it is a path; read the file and pass what it holds", TypeError),
        ],
    )
    def test_message(self, payload: Any, why: str, cause: type[Exception]) -> None:
        """The message names the offending type; there is a cause, and no line."""
        error = refusal(payload)
        assert told(error) == (f"the payload is not decoded JSON: {why}", None, None)
        assert type(error.__cause__) is cause

    @pytest.mark.parametrize("kind", ["object", "list", "both"])
    def test_cycle(self, kind: str) -> None:
        """The message says so where a structure holds itself."""
        holder: dict[str, Any] = {}
        items: list[Any] = []
        holder["a"] = holder if kind == "object" else items
        items.append(holder if kind == "both" else items)
        error = refusal(items if kind == "list" else holder)
        assert told(error) == ("the payload is not decoded JSON: it holds itself", None, None)
        assert type(error.__cause__) is ValueError

    def test_number_before_a_cycle(self) -> None:
        """Where both stand in a structure, the number is named."""
        payload: dict[Any, Any] = {float("nan"): 1}
        payload["x"] = payload
        assert (
            str(refusal(payload))
            == "the payload is not decoded JSON: it holds NaN at nan, which is not a number in JSON"
        )

    def test_shared_is_not_a_cycle(self) -> None:
        """The same object may stand in several places."""
        shared: dict[str, Any] = {"a": 1}
        assert decoded([shared, {"b": shared}]) == [{"a": 1}, {"b": {"a": 1}}]

    def test_nested_too_deeply(self) -> None:
        """The message says so where a structure nests deeper than Python can follow."""
        payload: list[Any] = []
        for _ in range(100_000):
            payload = [payload]
        error = refusal(payload)
        assert told(error) == ("the payload is not decoded JSON: it nests too deeply", None, None)
        assert type(error.__cause__) is RecursionError
        while payload:  # taken apart by hand, since freeing it at once is recursive too
            payload = payload.pop()

    def test_keys_that_are_not_text(self) -> None:
        """Numbers, truth values and null as keys become text, as in `json.dumps`."""
        payload = cast("Payload", {2: "a", 2.5: "b", True: "c", None: "d"})
        assert decoded(payload) == json.loads(json.dumps(payload))
