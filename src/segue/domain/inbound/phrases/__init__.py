"""The words that machines use in mail, per language, as data. Every list is written naturally;
`folded` brings it to the form of `decode.fold`."""

from segue.domain.inbound.decode import fold


def folded(*blocks: str) -> tuple[str, ...]:
    """The lines of the blocks, folded, each once, in order. A line that begins with `#` names the language and is dropped."""
    lines = (line.strip() for block in blocks for line in block.splitlines())
    return tuple(dict.fromkeys(fold(line) for line in lines if line and not line.startswith("#")))
