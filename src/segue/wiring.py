"""The whole program on one screen: which function answers which fact (D5), and which columns hold sealed secrets."""

from segue.db.tx import Handlers
from segue.domain import contact_events, events
from segue.features.enrollments import bulk, exits, of_contacts, react, rezone, settle
from segue.features.mail import breaker, connect, erase, hour_log
from segue.features.webhooks import endpoints
from segue.features.workspaces import second_factor, vault
from segue.http.idempotency import forget_answers

HANDLERS: Handlers = {
    events.ReplyReceived: (react.stop_if_ruled, react.ask_again, hour_log.note_reply),
    events.ContactWrote: (react.stop_if_ruled, hour_log.note_contact_wrote),
    events.HandMailSent: (exits.leave_if_ruled, react.ask_again),
    events.CompanyWrote: (react.stop_if_ruled,),
    events.InvitationAccepted: (react.stop_if_ruled,),
    events.CompanyBooked: (react.stop_if_ruled,),
    events.AutoReplyReceived: (react.stop_if_ruled, hour_log.leave_out_away),
    events.BounceReceived: (react.stop_if_ruled, breaker.note_bounce, hour_log.leave_out_bounced),
    events.EmailFailed: (react.stop_if_ruled, breaker.note_failure),
    events.ComplaintReceived: (react.stop_address_if_ruled, breaker.note_complaint),
    events.UnsubscribeReceived: (react.stop_address_if_ruled,),
    events.AddressSuppressed: (react.stop_suppressed,),
    events.TaskResolved: (exits.leave_if_ruled, react.release_task, react.ask_again),
    contact_events.ContactDeleted: (of_contacts.end_deleted,),
    contact_events.ContactMerged: (of_contacts.join_merged, erase.join_mail),
    contact_events.ContactErased: (erase.erase_mail, of_contacts.erase_enrollments, bulk.erase_jobs, forget_answers),
    contact_events.ContactPlacesChanged: (rezone.follow_contacts,),
    events.AcceptanceProven: (settle.confirm_acceptance,),
}

SEALED: tuple[vault.Sealed, ...] = (
    connect.MAILBOX_SECRET,
    second_factor.TOTP_SECRET,
    endpoints.SECRET,
    endpoints.OLD_SECRET,
)
"""What `segue keys rotate` seals anew."""
