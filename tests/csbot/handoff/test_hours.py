"""When people are there: slots, holidays, zones, changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csbot.handoff.hours import Schedule, Slot

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING, AFTERNOON = Slot(time(9), time(12)), Slot(time(13), time(17, 30))
OFFICE = Schedule(AMSTERDAM, dict.fromkeys(range(5), (MORNING, AFTERNOON)))


def at(zone: ZoneInfo, *when: int) -> datetime:
    return datetime(*when, tzinfo=zone)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("hour", "minute", "open_"),
    [(8, 59, False), (9, 0, True), (11, 59, True), (12, 0, False), (12, 59, False), (13, 0, True), (17, 30, False)],
)
def test_several_slots_a_day_close_for_lunch(hour: int, minute: int, open_: bool) -> None:
    assert OFFICE.is_open(at(AMSTERDAM, 2026, 5, 4, hour, minute)) is open_


def test_hours_are_those_of_the_queues_zone_whatever_zone_asks() -> None:
    nine_in_amsterdam = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
    assert OFFICE.is_open(nine_in_amsterdam)
    assert OFFICE.is_open(nine_in_amsterdam.astimezone(SHANGHAI))


def test_on_friday_evening_people_are_back_on_monday() -> None:
    assert OFFICE.next_opening(at(AMSTERDAM, 2026, 5, 8, 20, 0)) == at(AMSTERDAM, 2026, 5, 11, 9, 0)


def test_while_open_there_is_no_next_opening() -> None:
    assert OFFICE.next_opening(at(AMSTERDAM, 2026, 5, 8, 10, 0)) is None


def test_a_night_slot_belongs_to_the_evening_it_begins_on() -> None:
    night = Schedule(AMSTERDAM, {4: (Slot(time(22), time(6)),)})
    assert night.is_open(at(AMSTERDAM, 2026, 5, 8, 23, 0))
    assert night.is_open(at(AMSTERDAM, 2026, 5, 9, 5, 59))
    assert not night.is_open(at(AMSTERDAM, 2026, 5, 9, 6, 0))
    assert not night.is_open(at(AMSTERDAM, 2026, 5, 8, 5, 0))


def test_until_midnight_is_written_as_zero_o_clock() -> None:
    late = Schedule(AMSTERDAM, {4: (Slot(time(18), time(0)),)})
    assert late.is_open(at(AMSTERDAM, 2026, 5, 8, 23, 59))
    assert not late.is_open(at(AMSTERDAM, 2026, 5, 9, 0, 0))


def test_a_holiday_is_closed_and_cuts_the_night_before_at_midnight() -> None:
    night = Schedule(AMSTERDAM, {day: (Slot(time(22), time(6)),) for day in range(7)}, {date(2026, 12, 25): None})
    assert night.is_open(at(AMSTERDAM, 2026, 12, 24, 23, 30))
    assert not night.is_open(at(AMSTERDAM, 2026, 12, 25, 3, 0))
    assert not night.is_open(at(AMSTERDAM, 2026, 12, 25, 23, 0))
    assert night.next_opening(at(AMSTERDAM, 2026, 12, 25, 3, 0)) == at(AMSTERDAM, 2026, 12, 26, 22, 0)


def test_a_holiday_may_have_hours_of_its_own() -> None:
    eve = Schedule(AMSTERDAM, OFFICE.week, {date(2026, 12, 24): Slot(time(10), time(14))})
    assert not eve.is_open(at(AMSTERDAM, 2026, 12, 24, 9, 30))
    assert eve.is_open(at(AMSTERDAM, 2026, 12, 24, 12, 30))


def test_a_queue_without_hours_is_always_open_except_on_holidays() -> None:
    always = Schedule(SHANGHAI, {}, {date(2026, 10, 1): None})
    assert always.is_open(at(SHANGHAI, 2026, 9, 30, 3, 0))
    assert not always.is_open(at(SHANGHAI, 2026, 10, 1, 12, 0))
    assert always.next_opening(at(SHANGHAI, 2026, 10, 1, 12, 0)) == at(SHANGHAI, 2026, 10, 2, 0, 0)


def test_when_the_clocks_go_forward_the_slot_keeps_its_wall_clock() -> None:
    # 29 March 2026, 02:00 becomes 03:00 in Amsterdam: 01:00–05:00 lasts three hours.
    night = Schedule(AMSTERDAM, {6: (Slot(time(1), time(5)),)})
    [(begins, ends)] = night.spans(date(2026, 3, 29))
    assert ends - begins == timedelta(hours=3)
    assert not night.is_open(at(AMSTERDAM, 2026, 3, 29, 5, 0))


def test_when_the_clocks_go_back_the_repeated_hour_is_open_twice() -> None:
    night = Schedule(AMSTERDAM, {6: (Slot(time(1), time(5)),)})
    [(begins, ends)] = night.spans(date(2026, 10, 25))
    assert ends - begins == timedelta(hours=5)
    assert night.is_open(datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=AMSTERDAM))


def test_a_slot_that_the_clock_skips_falls_as_late_as_the_clock_jumped() -> None:
    skipped = Schedule(AMSTERDAM, {6: (Slot(time(2), time(2, 30)),)})
    [(begins, ends)] = skipped.spans(date(2026, 3, 29))
    assert (begins, ends) == (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC))


def test_a_queue_that_never_opens_has_no_next_opening() -> None:
    closed = Schedule(
        AMSTERDAM, {0: (MORNING,)}, {date(2026, 5, 4) + timedelta(days=day): None for day in range(-400, 500)}
    )
    assert closed.next_opening(at(AMSTERDAM, 2026, 5, 4, 10, 0)) is None


slots = st.builds(
    Slot,
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)


@given(
    week=st.dictionaries(st.integers(0, 6), st.lists(slots, max_size=3).map(tuple), max_size=7),
    zone=st.sampled_from(
        ["Europe/Amsterdam", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
    ),
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    week: dict[int, tuple[Slot, ...]], zone: str, moment: datetime
) -> None:
    schedule = Schedule(ZoneInfo(zone), week)
    now = moment.replace(tzinfo=UTC)
    opening = schedule.next_opening(now)
    if schedule.is_open(now):
        assert opening is None
    elif opening is None:
        assert not any(list(schedule.spans(now.date() + timedelta(days=ahead))) for ahead in range(2, 30))
    else:
        assert opening > now
        assert schedule.is_open(opening)
        assert not schedule.is_open(opening - timedelta(microseconds=1))
        assert not schedule.is_open(now + (opening - now) / 2)
