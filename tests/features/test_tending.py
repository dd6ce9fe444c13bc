"""What recurs is done for each workspace, whatever fails in another (L1, L2)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from make import make_small
from segue.domain.ids import WorkspaceId
from segue.features.enrollments.engine import Engine
from segue.features.workspaces.service import create_workspace
from segue.worker import Worker


@dataclass
class Failing(Engine):
    """Fails in the first workspace it tends and is content after two."""

    tended: list[WorkspaceId] = field(default_factory=list)
    stop: Callable[[], None] = lambda: None

    def tend(self, workspace_id: WorkspaceId) -> None:
        self.tended.append(workspace_id)
        if len(self.tended) == 2:
            self.stop()
        if len(self.tended) == 1:
            raise ValueError("a row that nobody foresaw")


def test_a_failure_in_one_workspace_leaves_no_other_untended(db_urls):
    """The defect: the round ended with the first failure, and began with the same workspace again."""
    small = make_small(db_urls.app_url)
    second = create_workspace(small.db, "Second")
    engine = Failing(small.db, small.engine.gate, small.engine.sessions)
    worker = Worker(engine, watch=False, tend_every_s=0.05)
    engine.stop = worker.stop
    worker.run()
    assert engine.tended[:2] == [small.workspace_id, second]
    small.close()
