"""The frames of web chat: what is read strictly, what is refused, and that nothing crashes the reader."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_adapters.webchat import protocol
from channels_adapters.webchat.protocol import Close, FrameError, parse

KNOWN = "7f4b1a52-3a9c-4f0e-9a57-0b8c3d1f2e4d"


def said(**frame: Any) -> str:
    return json.dumps(frame)


def refusal(raw: str | bytes | None) -> FrameError:
    with pytest.raises(FrameError) as caught:
        parse(raw)
    return caught.value


def test_hello_resumes_a_conversation_from_a_seq() -> None:
    frame = parse(said(type="hello", v=1, token="t", language="zh-Hans", conversation=KNOWN, after=7))
    assert frame == protocol.Hello("t", "zh-Hans", UUID(KNOWN), 7)


def test_a_message_carries_text_choice_and_files() -> None:
    frame = parse(said(type="message", client_id="c-1", text="Hi", choice="yes", attachments=[KNOWN]))
    assert frame == protocol.Message("c-1", "Hi", "yes", (UUID(KNOWN),))


@pytest.mark.parametrize(
    ("raw", "frame"),
    [
        (said(type="start"), protocol.Start()),
        (said(type="typing", on=True), protocol.Typing(True)),
        (said(type="read", through=3), protocol.Read(3)),
        (said(type="rating", value=5, comment="Lovely"), protocol.Rating(5, "Lovely")),
        (said(type="person"), protocol.Person()),
        (said(type="heard", seq=2, text="Hel", complete=False), protocol.HeardFrame(2, "Hel", False)),
        (said(type="end"), protocol.End()),
        (said(type="ping"), protocol.Ping()),
        (said(type="ping", from_the_future="ignored"), protocol.Ping()),
    ],
)
def test_every_frame_is_read(raw: str, frame: protocol.ClientFrame) -> None:
    assert parse(raw) == frame


@pytest.mark.parametrize(
    ("raw", "code", "close"),
    [
        ("", "not_json", Close.BAD_FRAME),
        ("{", "not_json", Close.BAD_FRAME),
        ("[" * 60_000, "not_json", Close.BAD_FRAME),
        ("9" * 5000, "not_json", Close.BAD_FRAME),
        ('{"type":"read","through":NaN}', "not_json", Close.BAD_FRAME),
        ("[]", "not_an_object", Close.BAD_FRAME),
        ("null", "not_an_object", Close.BAD_FRAME),
        (b'{"type":"ping"}', "binary", Close.BAD_FRAME),
        (None, "binary", Close.BAD_FRAME),
        ("x" * 65_537, "too_large", Close.TOO_LARGE),
        ("字" * 30_000, "too_large", Close.TOO_LARGE),
        (said(type="hello", v=2, token="t"), "version", Close.VERSION),
        (said(type="hello", v=True, token="t"), "version", Close.VERSION),
        (said(type="hello", token="t"), "version", Close.VERSION),
    ],
)
def test_what_is_no_frame_ends_the_socket(raw: str | bytes | None, code: str, close: Close) -> None:
    mistake = refusal(raw)
    assert (mistake.code, mistake.close) == (code, close)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({}, "unknown_type"),
        ({"type": "launch"}, "unknown_type"),
        ({"type": ["hello"]}, "unknown_type"),
        ({"type": "message", "client_id": "a"}, "empty"),
        ({"type": "message", "client_id": "a", "text": " \n"}, "empty"),
        ({"type": "message", "client_id": "", "text": "x"}, "bad_field"),
        ({"type": "message", "client_id": "a b", "text": "x"}, "bad_field"),
        ({"type": "message", "client_id": "a" * 65, "text": "x"}, "bad_field"),
        ({"type": "message", "client_id": "a", "text": 5}, "bad_field"),
        ({"type": "message", "client_id": "a", "attachments": ["no"]}, "bad_field"),
        ({"type": "message", "client_id": "a", "attachments": [KNOWN] * 6}, "bad_field"),
        ({"type": "read", "through": 0}, "bad_field"),
        ({"type": "read", "through": 2**31}, "bad_field"),
        ({"type": "read", "through": True}, "bad_field"),
        ({"type": "read", "through": 1.5}, "bad_field"),
        ({"type": "rating", "value": 6}, "bad_field"),
        ({"type": "typing", "on": "yes"}, "bad_field"),
        ({"type": "hello", "v": 1, "token": "t", "after": -1}, "bad_field"),
        ({"type": "hello", "v": 1, "token": "t", "language": "<b>"}, "bad_field"),
        ({"type": "hello", "v": 1, "token": "t", "conversation": "1"}, "bad_field"),
    ],
)
def test_a_frame_with_a_mistake_is_named_and_the_socket_stays(frame: dict[str, Any], code: str) -> None:
    mistake = refusal(json.dumps(frame))
    assert (mistake.code, mistake.close) == (code, None)


def test_a_refusal_names_the_message_it_is_about() -> None:
    assert refusal(said(type="message", client_id="c-9", text="")).client_id == "c-9"


def test_what_no_database_can_hold_becomes_a_replacement_character() -> None:
    frame = parse('{"type":"message","client_id":"a","text":"a\\u0000b\\ud800c\\ud83d\\ude00"}')
    assert isinstance(frame, protocol.Message)
    assert frame.text == "a\ufffdb\ufffdc😀"


@pytest.mark.parametrize("text", ["👩‍👩‍👧", "שלום", "a\u200bb", "مرحبا", "\u202eabc"])
def test_every_script_passes_unchanged(text: str) -> None:
    frame = parse(said(type="message", client_id="a", text=text))
    assert isinstance(frame, protocol.Message)
    assert frame.text == text


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
fields = [
    "v",
    "token",
    "language",
    "conversation",
    "after",
    "client_id",
    "text",
    "choice",
    "attachments",
    "on",
    "through",
]
kinds = ["hello", "start", "message", "typing", "read", "rating", "person", "heard", "end", "ping"]
near_frames = st.fixed_dictionaries(
    {"type": st.sampled_from(kinds)},
    optional=dict.fromkeys([*fields, "value", "comment", "seq", "complete"], anything),
)


@given(st.text() | st.binary() | near_frames.map(json.dumps) | anything.map(json.dumps))
def test_nothing_crashes_the_reader(raw: str | bytes) -> None:
    try:
        frame = parse(raw)
    except FrameError as mistake:
        assert mistake.code
        assert mistake.detail
    else:
        # Whatever is accepted can be stored: valid UTF-8, no NUL.
        assert "\x00" not in repr(frame).encode().decode()


@given(st.text(min_size=1).filter(str.strip), st.uuids())
def test_whatever_a_customer_writes_arrives(text: str, client_id: UUID) -> None:
    frame = parse(said(type="message", client_id=str(client_id), text=text))
    assert isinstance(frame, protocol.Message)
    assert frame.text == text.replace("\x00", "\ufffd")


def test_an_entry_keeps_its_shape_and_a_hidden_one_only_its_seq() -> None:
    assert protocol.entry({"seq": 4}) == {"type": "entry", "seq": 4}
    frame = json.loads(protocol.dump(protocol.entry({"seq": 5, "kind": "message", "text": "你好"})))
    assert frame == {"type": "entry", "seq": 5, "kind": "message", "text": "你好"}


def test_close_codes_are_in_the_private_range_or_standard() -> None:
    assert all(4400 <= code < 4500 or code == 1013 for code in Close)
