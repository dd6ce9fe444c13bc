"""Pages by cursor: what follows the last thing seen, so that nothing is missed or doubled while rows come and go.

A cursor is opaque to callers and checked on its way back: it names the list it is of, and holds the number of the last row. It grants
nothing: every list is asked for with the caller's workspace and rights, whatever the cursor says.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query

from segue.http.errors import BadRequest

PAGE_DEFAULT = 50
PAGE_MAX = 500
CURSOR_MAX = 200


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is asked for."""

    limit: int
    cursor: str

    def after(self, of: str) -> int:
        """Return the number of the last row seen, 0 at the beginning. Raises BadRequest for a cursor that is not of this list."""
        if not self.cursor:
            return 0
        try:
            name, number = json.loads(urlsafe_b64decode(self.cursor.encode("ascii")))
        except (ValueError, TypeError, RecursionError):
            name, number = "", 0
        if name != of or not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**63:
            raise BadRequest("This cursor is not of this list.", hint="Begin again without a cursor.", field="cursor")
        return number

    def page(self, rows: Sequence[dict[str, Any]], of: str, *, key: str = "id") -> dict[str, Any]:
        """Return a page of rows that were asked for with a limit one higher than `limit`."""
        more = len(rows) > self.limit
        shown = list(rows[: self.limit])
        return {"items": shown, "next_cursor": make_cursor(of, shown[-1][key]) if more else None}

    @property
    def one_more(self) -> int:
        """How many rows to ask for, to know whether something follows."""
        return self.limit + 1


def make_cursor(of: str, number: int) -> str:
    """Return a cursor that continues a list behind a row."""
    return urlsafe_b64encode(json.dumps([of, number]).encode()).decode()


def _paging(
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX, description="How many at most.")] = PAGE_DEFAULT,
    cursor: Annotated[str, Query(max_length=CURSOR_MAX, description="`next_cursor` of the page before.")] = "",
) -> Paging:
    return Paging(limit, cursor)


PagingDep = Annotated[Paging, Depends(_paging)]
