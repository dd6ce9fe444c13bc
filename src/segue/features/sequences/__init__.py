"""Sequences: edit, version, import and export as files."""
