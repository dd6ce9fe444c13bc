"""Figures for Prometheus, of the workspace of whoever asks: give it an API key with `reports:read` as its authorization."""

from typing import Annotated, Any

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse

from segue.features.enrollments.queries import get_figures
from segue.http.asking import Asked, asks

router = APIRouter(tags=["overview"])

SPLIT = {
    "enrollments": ("state", "Enrollments by state."),
    "waiting_for": ("reason", "Active enrollments by what they wait for."),
    "messages": ("state", "Mails by state; `unknown` ones wait for a person (SEQ-99)."),
    "answers": ("kind", "Mails that came back, by kind."),
}
WHOLE = {
    "contacts": "Contacts.",
    "tasks_open": "Open tasks.",
    "suppressed": "Addresses and domains that get no mail.",
    "quarantined": "Mails that could not be judged.",
}


@router.get("/metrics", operation_id="get_metrics", response_class=PlainTextResponse)
def metrics(asked: Annotated[Asked, asks("reports:read")]) -> PlainTextResponse:
    """Return the figures in Prometheus' text form."""
    with asked.tx() as tx:
        figures = get_figures(tx)
        overdue = tx.one(
            """SELECT COALESCE(extract(epoch FROM %(now)s - min(due_at)), 0)::float8 AS s FROM enrollments
               WHERE workspace_id = %(ws)s AND due_at < %(now)s""",
            {"now": tx.now},
        )
    registry = CollectorRegistry()
    registry.register(_Figures(figures, float(overdue["s"]) if overdue else 0.0))
    return PlainTextResponse(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


class _Figures(Collector):
    """What Prometheus' client collects."""

    def __init__(self, figures: dict[str, Any], overdue_s: float) -> None:
        self.figures = figures
        self.overdue_s = overdue_s

    def collect(self) -> list[Any]:
        """Return every figure, with few labels each (reliability.md §10)."""
        made: list[Any] = []
        for name, (label, said) in SPLIT.items():
            family = GaugeMetricFamily(f"segue_{name}", said, labels=[label])
            for value, count in sorted(self.figures[name].items()):
                family.add_metric([value], count)
            made.append(family)
        made += [GaugeMetricFamily(f"segue_{name}", said, value=self.figures[name]) for name, said in WHOLE.items()]
        made.append(CounterMetricFamily("segue_sends", "Mails that a server took.", value=self.figures["sent"]))
        stopped = self.figures["sending_stopped_at"] is not None
        made.append(GaugeMetricFamily("segue_sending_stopped", "1 while all sending is stopped.", value=int(stopped)))
        made.append(GaugeMetricFamily("segue_oldest_due_seconds", "How long the oldest due step has waited.", value=self.overdue_s))
        return made
