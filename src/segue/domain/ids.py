"""Identifiers. All are 64-bit integers from database sequences, unique within their workspace."""

from typing import NewType

WorkspaceId = NewType("WorkspaceId", int)
UserId = NewType("UserId", int)
ContactId = NewType("ContactId", int)
MailboxId = NewType("MailboxId", int)
SequenceId = NewType("SequenceId", int)
EnrollmentId = NewType("EnrollmentId", int)
MessageId = NewType("MessageId", int)
TaskId = NewType("TaskId", int)
StepKey = NewType("StepKey", str)
"""Permanent key of a step: survives moving and editing (SEQ-37)."""
