"""Segue as its users have it: the `segue` command as a process, against real mail servers. Judged from the mailboxes, not from the database."""
