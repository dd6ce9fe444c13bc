"""Contacts: import, search, suppression."""
