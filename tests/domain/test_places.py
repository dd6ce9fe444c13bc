"""Which clock a city, a region or a country lives by (SEQ-70): plain names are known, names of several places are not guessed."""

from zoneinfo import available_timezones

import pytest

from segue.domain.places import CITIES, REGIONS, country_code, zone_of_place
from segue.zone_data import country_names, zones_of_countries


@pytest.mark.parametrize(
    ("city", "region", "country", "zone"),
    [
        ("Berlin", "", "", "Europe/Berlin"),
        ("  MÜNCHEN ", "", "DE", "Europe/Berlin"),
        ("São Paulo", "", "", "America/Sao_Paulo"),
        ("Austin", "TX", "", "America/Chicago"),
        ("El Paso", "Texas", "US", "America/Denver"),
        ("Arlington", "VA", "US", "America/New_York"),
        ("London", "Ontario", "", "America/Toronto"),
        ("London", "", "GB", "Europe/London"),
        ("Portland", "ME", "", "America/New_York"),
        ("Portland", "OR", "US", "America/Los_Angeles"),
        ("", "Western Australia", "", "Australia/Perth"),
        ("", "WA", "AU", "Australia/Perth"),
        ("", "wa", "US", "America/Los_Angeles"),
        ("Nowhere", "Bayern", "", "Europe/Berlin"),
    ],
)
def test_a_place_has_the_zone_of_its_city_or_region(city, region, country, zone):
    assert zone_of_place(city, region, country) == zone


@pytest.mark.parametrize(
    ("city", "region", "country"),
    [
        ("London", "", ""),
        ("Portland", "", "US"),
        ("Birmingham", "", ""),
        ("", "WA", ""),
        ("", "Tennessee", "US"),
        ("Berlin", "", "US"),
        ("Smallville", "", "US"),
        ("", "", ""),
    ],
)
def test_a_place_under_several_clocks_or_unknown_has_none(city, region, country):
    assert zone_of_place(city, region, country) == ""


def test_every_zone_of_the_table_lies_in_its_country():
    for table in (CITIES, REGIONS):
        for places in table.values():
            for country, zone in places:
                assert zone in available_timezones()
                assert zone in zones_of_countries()[country]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "DE"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("U.S.A.", "US"),
        ("United States", "US"),
        ("UK", "GB"),
        ("Schweiz", "CH"),
        ("Réunion", "RE"),
        ("Brasil", "BR"),
        ("Atlantis", ""),
        ("XX", ""),
        ("", ""),
    ],
)
def test_a_country_is_known_by_code_and_by_name(text, code):
    assert country_code(text, country_names()) == code
