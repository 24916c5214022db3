"""The embedded channel layer delivers, and forgets what nobody came for."""

import pytest

from csbot import layers
from csbot.layers import SweptInMemoryChannelLayer


async def test_an_event_reaches_every_member_of_its_group() -> None:
    layer = SweptInMemoryChannelLayer()
    channels = [await layer.new_channel() for _ in range(3)]
    for channel in channels:
        await layer.group_add("team", channel)
    await layer.group_send("team", {"type": "hint"})
    assert [await layer.receive(channel) for channel in channels] == [{"type": "hint"}] * 3


async def test_what_has_expired_is_swept_at_the_next_event_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = SweptInMemoryChannelLayer(expiry=0)
    await layer.send("nobody", {"type": "hint"})
    monkeypatch.setattr(layers, "SWEEP_SECONDS", 0.0)
    await layer.group_send("team", {"type": "hint"})
    assert "nobody" not in layer.channels
