"""Segue: sales sequences that send each step once, at the right hour, and stop when the contact answers."""

__version__ = "0.1.0"
