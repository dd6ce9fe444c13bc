"""The command line. One file for each group of commands; what they do is done by the features."""

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 not done and said why, 2 the command line was not understood."""
    from segue.cli.program import run

    return run(argv)
