"""What provider tests may ask for."""

from servers.fixtures import mail_servers

__all__ = ["mail_servers"]
