"""Run a PostgreSQL program against Segue's database: `with_database.py pg_dump --format=custom --file=segue.dump`.

Where no Segue runs, the embedded server is started for as long as the program takes. The program finds host, user, password and database in
its environment, so that no password stands in the list of processes; it comes from the embedded PostgreSQL, else from PATH.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from segue.db.embedded import PACKAGE, database_urls
from segue.domain.errors import DomainError
from segue.settings import read_settings

_NAMES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE", "sslmode": "PGSSLMODE"}


def main(arguments: list[str]) -> int:
    """Return the program's exit code."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        found = find_program(arguments[0])
        if found is None:
            print(f"There is no program {arguments[0]}, neither beside the embedded PostgreSQL nor on PATH.", file=sys.stderr)
            return 1
        with database_urls(read_settings()) as urls:
            given = conninfo_to_dict(urls.owner_url)
            environment = {_NAMES[name]: str(value) for name, value in given.items() if name in _NAMES}
            return subprocess.run([found, *arguments[1:]], env=os.environ | environment, check=False).returncode
    except DomainError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        return 1


def find_program(name: str) -> str | None:
    """Return the path of a PostgreSQL program, None where there is none."""
    package = find_spec(PACKAGE)
    ours = Path(package.origin).parent / "pginstall" / "bin" / name if package and package.origin else None
    return str(ours) if ours and ours.exists() else shutil.which(name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
