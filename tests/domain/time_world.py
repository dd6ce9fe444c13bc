"""Short ways to write local times, zones and day sets in the tests of the time domain."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from segue.domain.send_window import DayMode, Days, SendWindow
from segue.zone_data import use_packaged_tzdata

use_packaged_tzdata()

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
EVERYDAY, WEEKDAYS, BUSINESS = DayMode.EVERYDAY, DayMode.WEEKDAYS_ONLY, DayMode.BUSINESS_DAYS
ALL_DAY = (0, 1440)
PLAIN = Days()


def local(text: str, zone: ZoneInfo = BERLIN, *, fold: int = 0) -> datetime:
    """Read "2027-01-13 10:00" on the clock of a zone; fold 1 is the second pass of a doubled hour."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def shown(at: datetime, zone: ZoneInfo = BERLIN) -> str:
    """Write an instant as the worked examples do: "Wed 2027-01-13 10:00 CET"."""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"


def window(mode: DayMode = BUSINESS, hours: tuple[int, int] = (540, 1020)) -> SendWindow:
    """Return a send window; 09:00–17:00 on business days unless said."""
    return SendWindow(*hours, mode)


def delay(text: str) -> timedelta:
    """Read "1 day", "36 hours", "90 minutes", "2 days 10 hours"."""
    words = text.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return timedelta(**{unit.rstrip("s") + "s": int(count) for count, unit in pairs})


def free(*dates: str) -> Days:
    """Return Monday to Friday with these holidays."""
    return Days(holidays=frozenset(date.fromisoformat(day) for day in dates))
