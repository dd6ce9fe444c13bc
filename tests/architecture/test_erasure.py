"""S27: whoever adds a table says what erasing a person does to it. Emptied tables are searched for a canary in features/enrollments/test_erase.py."""

from segue.db.tables import metadata

EMPTIED = {
    *("contacts", "consents", "contact_list_members", "suppressions", "events"),
    *("messages", "message_aliases", "message_links", "tracking_events", "hour_log", "hour_evidence"),
    *("inbound_messages", "quarantine", "notices", "enrollments", "enrollment_edits", "tasks"),
    *("idempotency_keys", "jobs"),
}
"""Tables that features/contacts/erase.py, features/mail/erase.py or features/enrollments/of_contacts.py empty of the person."""

TELLS_NOTHING = {
    *("workspaces", "users", "mailboxes", "mailbox_lanes", "inbox_cursors", "property_definitions", "consent_policies"),
    *("sequences", "sequence_versions", "sequence_pauses", "accepted", "send_troubles"),
    *("companies", "contact_lists", "zone_data", "hand_sent_mails"),
    *("api_keys", "user_sessions", "sign_in_tokens", "user_credentials", "recovery_codes", "audit_entries", "data_keys"),
    *("webhook_endpoints", "webhook_deliveries"),
}
"""Tables without anything of a contact: our own people and settings, numbers, firms."""


def test_every_table_says_what_erasing_a_person_does_to_it():
    assert set(metadata.tables) - EMPTIED - TELLS_NOTHING == set(), "say it here, and empty the table where it tells of a contact"
    assert set() == EMPTIED & TELLS_NOTHING
