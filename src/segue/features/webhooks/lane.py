"""The worker's lane for webhooks: threads of its own, so that a slow receiver holds neither mails nor other receivers."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from segue.db.tx import Database
from segue.domain.errors import Unavailable
from segue.domain.ids import WorkspaceId
from segue.domain.webhooks import Place, read_url, sign
from segue.features.webhooks.deliveries import LOST, Batch, Outcome, bury_old, claim_batches, load_secrets, settle_batch
from segue.features.webhooks.endpoints import get_endpoint
from segue.features.workspaces.vault import Vault
from segue.providers.egress import EgressPolicy, EgressRefused
from segue.providers.web_hook import DEADLINE_S, PostFailed, post

log = logging.getLogger("segue.webhooks")

THREADS = 8
"""Endpoints that are told at the same time; each is told one thing after the other."""
POLL_S = 1.0
TEND_EVERY_S = 60.0
BATCH_S = 60.0
"""A batch ends then, wherever it is: well within its lease."""


@dataclass(slots=True)
class Lane:
    """Tells endpoints what happened, for all workspaces of this installation."""

    db: Database
    vault: Vault
    policy: EgressPolicy
    deadline_s: float = DEADLINE_S
    threads: int = THREADS

    def run(self, stopping: threading.Event) -> None:
        """Deliver until told to stop; requests that are under way are finished."""
        under_way: set[Future[None]] = set()
        tended_at = float("-inf")
        with ThreadPoolExecutor(self.threads, thread_name_prefix="webhook") as pool:
            while not stopping.wait(POLL_S):
                under_way = _still_going(under_way)
                with _guarded():
                    tend = self.db.clock.monotonic() - tended_at >= TEND_EVERY_S
                    if tend:
                        tended_at = self.db.clock.monotonic()
                    for workspace_id in self.db.own_workspace_ids():
                        with _guarded():  # what fails in one workspace holds up no other
                            under_way |= self._turn(workspace_id, pool, self.threads - len(under_way), stopping, tend=tend)

        _still_going(under_way)

    def deliver_due(self, workspace_id: WorkspaceId) -> int:
        """Deliver what is due now, and return how many batches that were."""
        never = threading.Event()
        with ThreadPoolExecutor(self.threads, thread_name_prefix="webhook") as pool:
            begun = self._turn(workspace_id, pool, self.threads, never, tend=True)
            for each in wait(begun).done:
                each.result()
        return len(begun)

    def _turn(
        self, workspace_id: WorkspaceId, pool: ThreadPoolExecutor, room: int, stopping: threading.Event, *, tend: bool
    ) -> set[Future[None]]:
        with self.db.tx(workspace_id) as tx:
            if tend:
                bury_old(tx)
            batches = claim_batches(tx, self.vault, room) if room > 0 else []
        return {pool.submit(self._carry_out, workspace_id, batch, stopping) for batch in batches}

    def _carry_out(self, workspace_id: WorkspaceId, batch: Batch, stopping: threading.Event) -> None:
        outcomes: list[Outcome] = []
        ends = self.db.clock.monotonic() + BATCH_S - self.deadline_s
        for delivery in batch.deliveries:
            if stopping.is_set() or self.db.clock.monotonic() > ends:
                break
            if delivery.body is None:
                outcomes.append(Outcome(delivery, 0, LOST))
                continue
            status, error = self.tell(batch.place, delivery.message_id, delivery.body, batch.secrets)
            outcomes.append(Outcome(delivery, status, error))
            if error:
                break
        with self.db.tx(workspace_id) as tx:
            settle_batch(tx, batch, outcomes)

    def tell(self, place: Place, message_id: str, body: bytes, secrets: tuple[str, ...]) -> tuple[int, str]:
        """Sign and post; return the status of the answer, 0 where there was none, and what was wrong with it."""
        headers = sign(message_id, self.db.clock.wall(), body, secrets)
        try:
            status = post(place, body, headers, self.policy, deadline_s=self.deadline_s)
        except (EgressRefused, PostFailed) as error:
            return 0, str(error)
        if 300 <= status < 400:
            return status, f"it answered {status}: a redirect, which is not followed"
        return status, "" if 200 <= status < 300 else f"it answered {status}"

    def test(self, workspace_id: WorkspaceId, endpoint_id: int) -> tuple[int, str]:
        """Send an endpoint an event of the type `webhook_test` that nothing is kept of; return status and error. Raises NotFound."""
        with self.db.tx(workspace_id) as tx:
            row = get_endpoint(tx, endpoint_id)
            secrets, at = load_secrets(tx, endpoint_id, self.vault), tx.now
        body = f'{{"type": "webhook_test", "timestamp": "{at.isoformat()}", "data": {{"endpoint_id": {endpoint_id}}}}}'
        message_id = f"test_{workspace_id}_{endpoint_id}_{int(at.timestamp() * 1000)}"
        return self.tell(read_url(row["url"]), message_id, body.encode(), secrets)


def _still_going(begun: set[Future[None]]) -> set[Future[None]]:
    """Return what is not over yet, and tell of what failed: its lease ends by itself, and it is told again."""
    over = {each for each in begun if each.done()}
    for each in over:
        if (error := each.exception()) is not None:
            log.warning("a delivery was not stored and comes again: %s", error)
    return begun - over


@contextmanager
def _guarded() -> Iterator[None]:
    """The edge of a job: an error is told, and it is tried again."""
    try:
        yield
    except (psycopg.OperationalError, Unavailable) as error:
        log.warning("webhooks wait for the database: %s", error)
    except Exception:
        log.exception("webhooks failed")
