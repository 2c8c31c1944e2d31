"""Dates with zones, by name or by offset."""

import pytest

from episodic.canonical.normalizers.dates import iso_date, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-03", "2026-03-03"),
        ("2026-03-03T09:00:00Z", "2026-03-03T09:00:00+00:00"),
        ("2026-03-03T09:00:00.250+0130", "2026-03-03T09:00:00.250000+01:30"),
        ("2019-03-17 06:55:33 +0800", "2019-03-17T06:55:33+08:00"),
        ("Tue, 03 Mar 2026 09:00:00 +0000", "2026-03-03T09:00:00+00:00"),
        ("Tue, 03 Mar 26 09:00:00 GMT", "2026-03-03T09:00:00+00:00"),
        ("Tue, 03 Mar 2026 09:00:00 CET", "2026-03-03T09:00:00+01:00"),
        ("Tue, 24 May 2016 2:17:57 PM CEST", "2016-05-24T14:17:57+02:00"),
        ("Tue, 24 May 2016 12:05 am EST", "2016-05-24T00:05:00-05:00"),
        ("Wed, 04 Mar 2026 09:00:00 AEDT", "2026-03-04T09:00:00+11:00"),
        ("Tue, 03 Mar 2026 09:00:00 GMT+2", "2026-03-03T09:00:00+02:00"),
        ("Tue, 03 Mar 2026 09:00:00 -0330 (NST)", "2026-03-03T09:00:00-03:30"),
        ("Tue Mar  3 09:00:00 2026", "2026-03-03T09:00:00+00:00"),
        ("Tue Mar  3 09:00:00 CET 2026", "2026-03-03T09:00:00+01:00"),
        ("03-Mar-2026 09:00", "2026-03-03T09:00:00+00:00"),
        ("at 09:00 on 3 March 2026", "2026-03-03T09:00:00+00:00"),
        ("March 3rd, 2026", "2026-03-03"),
        ("3. March 2026", "2026-03-03"),
        ("2026/3/3 09:00", "2026-03-03T09:00:00+00:00"),
        ("2026年3月3日", "2026-03-03"),
        ("2026.03.03 화 오후 9:00", "2026-03-03"),  # in the afternoon
        ("2026年3月3日 午後9:00", "2026-03-03"),
        ("2026.03.03 화 9:00", "2026-03-03T09:00:00+00:00"),
        ("2026年3月3日 09:00", "2026-03-03T09:00:00+00:00"),
        ("2026/3/3(火) 09:00 JST", "2026-03-03T09:00:00+09:00"),
        ("Tue, 03 Mar 2026 09:00:00 +0900 (日本標準時)", "2026-03-03T09:00:00+09:00"),
    ],
)
def test_a_date_has_the_zone_that_it_gives(text: str, expected: str) -> None:
    moment = parse_date(text)
    assert moment is not None
    assert iso_date(moment) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 03 Mar 2026 09:00:00 IST",  # of India, Israel or Ireland
        "Tue, 03 Mar 2026 09:00:00 XYZ",
        "Tue, 03 Mar 2026 25:00:00 GMT",
        "Tue, 03 Mar 2026 13:00:00 PM GMT",
        "05/06/2024",
        "31 February 2026",
        "Thu, 01 Jan 1970 00:00:00 GMT",  # of a program without a date
        "tomorrow",
    ],
)
def test_a_date_that_says_too_little_is_none(text: str) -> None:
    assert parse_date(text) is None
