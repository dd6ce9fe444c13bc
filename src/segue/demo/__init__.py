"""`segue demo`: a month of a sales team in a minute, on a database and a mail world of its own, with the invariants counted at the end."""

from segue.demo.run import run_demo

__all__ = ["run_demo"]
