"""The register of rules: which test proves what, and what is not built yet. `register.txt` says how to read it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

REGISTER = Path(__file__).with_name("register.txt")
LAST = 193
"""sequences.md ends with SEQ-193."""
_RULE = re.compile(r"SEQ-([1-9][0-9]*)")
_LINE = re.compile(r"  (fires|spares|both|later) +(\S.*)")


@dataclass(slots=True)
class Proof:
    """What is known of one rule: tests by FILE::TEST, and parts that are not built."""

    fires: list[str] = field(default_factory=list)
    spares: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Say whether both cases are proven."""
        return bool(self.fires and self.spares)

    @property
    def half(self) -> bool:
        return bool(self.fires) != bool(self.spares)


def read(text: str) -> dict[int, Proof]:
    """Read the register.

    Raises:
        ValueError: a line is neither a rule nor something about one, or a rule comes twice.
    """
    found: dict[int, Proof] = {}
    proof = Proof()
    for line in filter(lambda each: each.strip() and not each.startswith("#"), text.splitlines()):
        rule, about = _RULE.fullmatch(line), _LINE.fullmatch(line)
        if rule is not None and int(rule[1]) not in found:
            proof = found[int(rule[1])] = Proof()
        elif about is not None and found:
            for kind in ("fires", "spares") if about[1] == "both" else (about[1],):
                getattr(proof, kind).append(about[2])
        else:
            raise ValueError(f"what does this line say: {line!r}")
    return found
