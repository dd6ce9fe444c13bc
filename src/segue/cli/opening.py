"""From the environment to an open workspace: settings, database (started and migrated if need be), providers, vault."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from segue.cli.options import Acting, Common
from segue.cli.trial_clock import find_running
from segue.db.embedded import Embedded, database_urls
from segue.db.migrate import upgrade
from segue.db.tx import Database, Tx
from segue.db.waking import Bell
from segue.domain.errors import Invalid, NotFound
from segue.domain.ids import WorkspaceId
from segue.domain.permissions import OPERATOR, Actor
from segue.features.enrollments.engine import Engine
from segue.features.mail.clock_watch import ClockWatch
from segue.features.mail.hand_off import Gate
from segue.features.mail.sessions import Sessions
from segue.features.workspaces.instance import settle_instance
from segue.features.workspaces.queries import get_actor
from segue.features.workspaces.service import get_workspace
from segue.features.workspaces.vault import Vault, load_vault
from segue.ports import Clock, SystemClock
from segue.providers.egress import EgressPolicy
from segue.providers.mail import mail_providers
from segue.providers.mail.base import MailProvider
from segue.settings import Settings, read_settings
from segue.wiring import HANDLERS
from segue.zone_data import use_packaged_tzdata


@dataclass(frozen=True, slots=True)
class Segue:
    """An open Segue. `workspace_id` is 0 where a command works without one."""

    settings: Settings
    db: Database
    workspace_id: WorkspaceId
    revive: Callable[[], None] = lambda: None
    """Starts the embedded database again if it has died; an operator's own is only waited for (L10). Raises Unavailable."""

    def tx(self) -> AbstractContextManager[Tx]:
        """Begin a transaction of the workspace; what it records was done from the command line."""
        return self.db.tx(self.workspace_id, actor="cli")

    def actor(self, options: Acting) -> Actor:
        """Return who asks: the user named by --as, else the operator, who may everything. Raises NotFound."""
        if not options.as_user:
            return OPERATOR
        with self.tx() as tx:
            return get_actor(tx, options.as_user)

    def tx_as(self, actor: Actor) -> AbstractContextManager[Tx]:
        """Begin a transaction in the name of who asks: it stands on everything that is recorded (SEQ-13)."""
        return self.db.tx(self.workspace_id, actor=name_of(actor))

    def vault(self) -> Vault:
        """Return the vault of mailbox passwords."""
        return load_vault(self.settings.data_dir, self.settings.secret_key, self.settings.secret_key_before)

    def providers(self) -> Mapping[str, MailProvider]:
        """Return the mail providers, allowed to reach what the operator allows."""
        return mail_providers(self.egress())

    def egress(self) -> EgressPolicy:
        """Return which hosts may be connected to. Raises Invalid."""
        hosts = [host for host in self.settings.allowed_hosts.split(",") if host.strip()]
        try:
            return EgressPolicy.allowing(hosts)
        except ValueError as error:
            hint = "Write names and networks with commas between them: mail.corp.example, 10.1.2.0/24"
            raise Invalid(f"SEGUE_ALLOWED_HOSTS: {error}.", hint=hint, field="SEGUE_ALLOWED_HOSTS") from error

    def engine(self, *, threads: int) -> Engine:
        """Return an engine; the caller closes it."""
        watch = ClockWatch(self.db.clock) if isinstance(self.db.clock, SystemClock) else None  # a trial's clock may run as it likes
        return Engine(self.db, Gate(self.db, threads=threads), Sessions(self.db, self.vault(), self.providers()), clock_watch=watch)


def name_of(actor: Actor) -> str:
    """Return what stands on the timeline as the one who did something from the command line."""
    return f"cli as {actor.email}" if actor.email else "cli"


@contextmanager
def open_segue(options: Common, *, clock: Clock | None = None) -> Iterator[Segue]:
    """Open the workspace that the options name, or the only one.

    Raises:
        NotFound: there is none yet.
        Invalid: there are several and none is named; or a setting is wrong.
        Unavailable: the database does not answer.
    """
    with open_installation(clock=clock) as segue:
        yield replace(segue, workspace_id=choose_workspace(segue.db, options.workspace))


@contextmanager
def open_installation(*, clock: Clock | None = None) -> Iterator[Segue]:
    """Open the database alone, migrated, without a workspace; on the clock of a trial that runs beside. Raises Invalid, Unavailable."""
    settings = read_settings()
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # the error that follows says it in a sentence
    use_packaged_tzdata()
    with database_urls(settings) as urls:
        upgrade(urls.owner_url)
        db = Database(urls.app_url, clock=clock or find_running(settings.data_dir) or SystemClock(), handlers=HANDLERS)
        db.public_url = settings.public_url
        try:
            db.instance_id = settle_instance(db, settings)
            db.ring = Bell(db).ring
            yield Segue(settings, db, WorkspaceId(0), urls.ensure_running if isinstance(urls, Embedded) else lambda: None)
        finally:
            db.close()


def choose_workspace(db: Database, name: str) -> WorkspaceId:
    """Return the workspace of this name or number, or the only one there is. Raises NotFound, Invalid."""
    ids = db.workspace_ids()
    if not ids:
        raise NotFound("There is no workspace yet.", hint="Run `segue init` first.")
    if not name and len(ids) == 1:
        return ids[0]
    names = list_workspaces(db)
    if not name:
        several = f"There are {len(ids)} workspaces."
        raise Invalid(several, hint=f"Say which with --workspace NAME: {', '.join(names.values())}.", field="workspace")
    for workspace_id, known in names.items():
        if name.casefold() == known.casefold() or name == str(workspace_id):
            return workspace_id
    raise NotFound(f"There is no workspace called {name!r}.", hint=f"There is: {', '.join(names.values())}.")


def list_workspaces(db: Database) -> dict[WorkspaceId, str]:
    """Return the names of all workspaces."""
    names = {}
    for workspace_id in db.workspace_ids():
        with db.tx(workspace_id) as tx:
            names[workspace_id] = str(get_workspace(tx)["name"])
    return names
