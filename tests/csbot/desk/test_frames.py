"""What the staff socket accepts."""

import json
from uuid import uuid4

import pytest

from csbot.desk.frames import Frame, FrameError, parse

ID = str(uuid4())


def test_a_message_with_files() -> None:
    file = str(uuid4())
    frame = parse(json.dumps({"type": "say", "id": "1", "conversation": ID, "text": "Hello", "files": [file]}))
    assert (frame.type, frame.id, str(frame.conversation), frame.text, frame.files) == (
        "say",
        "1",
        ID,
        "Hello",
        (file,),
    )


def test_what_needs_no_conversation() -> None:
    assert parse('{"type":"available","on":true}') == Frame("available", on=True)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\x00\x01", "not_text"),
        (None, "not_text"),
        ("", "not_json"),
        ("[]", "not_json"),
        ("{", "not_json"),
        ("[" * 100_000, "not_json"),
        ('{"type":"dance"}', "unknown_type"),
        ('{"type":["take"]}', "unknown_type"),
        ('{"type":"take"}', "bad_conversation"),
        ('{"type":"take","conversation":7}', "bad_conversation"),
        ('{"type":"take","conversation":"x"}', "bad_conversation"),
        (json.dumps({"type": "say", "conversation": ID, "text": 5}), "bad_text"),
        (json.dumps({"type": "say", "conversation": ID, "text": "x", "files": ["../etc"]}), "bad_files"),
        (json.dumps({"type": "say", "conversation": ID, "text": "x", "files": "abc"}), "bad_files"),
        (json.dumps({"type": "open", "conversation": ID, "after": -1}), "bad_after"),
        (json.dumps({"type": "open", "conversation": ID, "after": True}), "bad_after"),
        (json.dumps({"type": "open", "conversation": ID, "after": 10**30}), "bad_after"),
        (json.dumps({"type": "take", "conversation": ID, "id": "x" * 65}), "bad_id"),
    ],
)
def test_everything_else_is_refused_by_name(raw: str | bytes | None, code: str) -> None:
    with pytest.raises(FrameError) as refused:
        parse(raw)
    assert refused.value.code == code
