"""Countries come from a local file in MaxMind's format; the address is not kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from baton.tracking.collect import countries
from baton.tracking.collect.countries import CountriesFile, country_of


def a_file(path: Path, records: dict[str, Any]) -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test-Country")
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return path


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    settings.COUNTRIES_FILE = a_file(
        tmp_path / "countries.mmdb",
        {
            "203.0.113.0/25": {"country": {"iso_code": "DE", "names": {"en": "Germany"}}},
            "203.0.113.128/25": {"country_code": "at"},
            "198.51.100.0/24": {"country": "CH"},
            "192.0.2.0/24": {"continent": {"code": "EU"}},
            "2001:db8::/32": {"country": {"iso_code": "NO"}},
        },
    )
    return settings.COUNTRIES_FILE


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("203.0.113.7", "DE"), ("203.0.113.200", "AT"), ("198.51.100.1", "CH"), ("2001:db8::1", "NO"),
        ("192.0.2.1", ""), ("10.0.0.1", ""), ("", ""), ("not an address", ""),
    ],
)  # fmt: skip
def test_the_country_of_an_address(file: Path, address: str, country: str) -> None:
    assert country_of({"REMOTE_ADDR": address, "HTTP_CF_IPCOUNTRY": "FR"}) == country


def test_behind_a_proxy_it_is_the_visitors_address_that_counts(file: Path, settings: Any) -> None:
    settings.PROXIES = 1
    assert country_of({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4, 203.0.113.7"}) == "DE"


@pytest.mark.parametrize(("told", "country"), [("de", "DE"), ("XX", ""), ("T1", ""), ("", ""), ("DEU", ""), ("ß1", "")])
def test_without_a_file_it_is_what_the_proxy_says(settings: Any, told: str, country: str) -> None:
    settings.COUNTRIES_FILE = None
    assert country_of({"REMOTE_ADDR": "203.0.113.7", "HTTP_CF_IPCOUNTRY": told}) == country


def test_a_newer_file_takes_the_place_of_the_old_one(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(countries, "LOOK_AGAIN_SECONDS", -1.0)
    known = CountriesFile(file)
    assert known.country("203.0.113.7") == "DE"
    a_file(file.with_suffix(".new"), {"203.0.113.0/24": {"country": {"iso_code": "PL"}}}).replace(file)
    assert known.country("203.0.113.7") == "PL"
    file.with_suffix(".bad").write_bytes(b"half of a downl")
    file.with_suffix(".bad").replace(file)
    assert known.country("203.0.113.7") == "PL"
    assert "cannot be read" in known.fault()


def test_a_missing_file_is_said_and_stops_nothing(tmp_path: Path) -> None:
    known = CountriesFile(tmp_path / "nowhere.mmdb")
    assert known.country("203.0.113.7") == ""
    assert "nowhere.mmdb" in known.fault()
