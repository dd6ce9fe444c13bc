"""A contact whose zone has changed: open enrollments that follow the contact's zone move with it (SEQ-70)."""

from typing import Any
from zoneinfo import ZoneInfo

from segue.db.tx import Tx
from segue.domain.contact_events import ContactPlacesChanged
from segue.domain.enrollment import Enrollment
from segue.domain.events import EnrollmentZoneChanged
from segue.domain.replan import change_zone
from segue.domain.sequence import ZoneMode
from segue.features.contacts.zones import FoundZone, find_zones
from segue.features.enrollments.store import Loaded, load, save


def follow_contacts(tx: Tx, event: ContactPlacesChanged) -> None:
    """Give open enrollments in CONTACT mode the zone that their contact has now; a step that is being sent keeps the old one."""
    rows = tx.all(
        """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = ANY(%(contacts)s) AND state IN ('active', 'paused')
             AND timezone_source <> 'override'""",
        {"contacts": list(event.contact_ids)},
    )
    zones = find_zones(tx, event.contact_ids)
    moved: list[tuple[Enrollment, Loaded]] = []
    found: list[FoundZone] = []
    for loaded in load(tx, [row["id"] for row in rows], lock=True):
        now_in = zones.get(loaded.contact_id) or FoundZone(loaded.sender.zone.key, "sender")
        follows = loaded.around.sequence.settings.zone_mode is ZoneMode.CONTACT
        if not follows or not loaded.enrollment.is_open or now_in.zone == loaded.around.zone.key:
            continue
        after = change_zone(loaded.enrollment, loaded.around, ZoneInfo(now_in.zone))
        moved.append((after, loaded))
        found.append(now_in)
        tx.record(
            EnrollmentZoneChanged(
                contact_id=loaded.contact_id,
                enrollment_id=after.id,
                before=loaded.around.zone.key,
                after=now_in.zone,
                source=now_in.source,
                due_at=after.due_at,
            )
        )
    if moved:
        _store(tx, moved, found)


def _store(tx: Tx, moved: list[tuple[Enrollment, Loaded]], found: list[FoundZone]) -> None:
    parameters: dict[str, Any] = {
        "ids": [enrollment.id for enrollment, _ in moved],
        "zones": [each.zone for each in found],
        "sources": [each.source for each in found],
    }
    tx.run(
        """UPDATE enrollments AS e SET timezone = n.zone, timezone_source = n.source
           FROM unnest(%(ids)s::bigint[], %(zones)s::text[], %(sources)s::text[]) AS n(id, zone, source)
           WHERE e.workspace_id = %(ws)s AND e.id = n.id""",
        parameters,
    )
    save(tx, [(enrollment, loaded) for enrollment, loaded in moved if enrollment != loaded.enrollment])
