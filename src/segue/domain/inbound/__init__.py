"""Reading mail: any bytes in, one explained verdict out (mail.md §8 to §13). Pure: no clock, no network, no files."""

from segue.domain.inbound.reading import read
from segue.domain.inbound.verdict import RULES_VERSION, BounceFacts, BounceReason, Kind, ReadContext, RecipientFacts, Verdict

__all__ = ["RULES_VERSION", "BounceFacts", "BounceReason", "Kind", "ReadContext", "RecipientFacts", "Verdict", "read"]
