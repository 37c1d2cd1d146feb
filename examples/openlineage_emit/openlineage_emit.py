"""Tell an OpenLineage backend about flow runs: when each started, how it ended, how much went in and out, and why not.

    python openlineage_emit.py [--namespace NAME] [FILE ...]

Reads notifications from the files, plain or gzip, or from standard input. Where the events go is OpenLineage's own
configuration: OPENLINEAGE_URL and OPENLINEAGE_API_KEY, or openlineage.yml; without any the events are logged. The exit
status is 1 if something could not be read.
"""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import datetime, timezone
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from openlineage.client import OpenLineageClient, facet_v2
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState, set_producer

from flowrun_notifications import NotAFlowRunError, PartialParseError, RunStatus, parse_archive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowrun_notifications import FlowRun, LineError

    Amounts = tuple[int | None, int | None, int | None]  # rows, bytes, files

NEVER = datetime.min.replace(tzinfo=timezone.utc)
UNKNOWN = (None, None, None)
NOT_BEGUN = {RunStatus.SCHEDULED, RunStatus.WAITING}

set_producer("https://github.com/flowrun-notifications/flowrun-notifications/tree/main/examples/openlineage_emit")


def news(runs: Iterable[FlowRun], namespace: str) -> Iterator[RunEvent]:
    """Yield the OpenLineage events of notifications in any order.

    Nothing that is older than what was told of a run is told after it, and no start after its end. Of each run a few
    hundred bytes are kept.
    """
    newest: dict[tuple[str, str], State] = {}
    for run in runs:
        state = state_of(run)
        key = (run.flow_id, run.id)
        told = newest.get(key)
        if told is None or state > told:
            newest[key] = state
            if told is None or state.dedup_key != told.dedup_key:  # else the same has only been sent again, later
                yield from events(run, namespace, has_ended=told is not None and told.is_finished)


class State(NamedTuple):
    """A state of a run. The newer one is the greater one, by the rule of ``flowrun_notifications.latest_states``."""

    is_finished: bool
    updated_at: datetime
    completed_at: datetime
    sent_at: datetime
    dedup_key: str


def state_of(run: FlowRun) -> State:
    """Return the state that a notification tells of."""
    times = (run.updated_at or NEVER, run.completed_at or NEVER, run.delivery.sent_at or NEVER)
    return State(run.is_finished, *times, run.dedup_key)


def events(run: FlowRun, namespace: str, *, has_ended: bool = False) -> Iterator[RunEvent]:
    """Yield the OpenLineage events for one notification.

    A finished run's start comes with its end, since the notification of the start may never come. If it did, the
    backend hears of it twice and takes it as one, as the run's id is the same.
    """
    if run.status in NOT_BEGUN:
        return
    started, ended = times(run)
    job = Job(namespace, run.flow_id, name(run))
    if not has_ended:
        yield RunEvent(
            eventType=RunState.START, eventTime=started.isoformat(), run=Run(run_id(run), origin(run)), job=job
        )
    if run.is_finished:
        yield RunEvent(
            eventType=RunState.FAIL if run.failed else RunState.COMPLETE,
            eventTime=ended.isoformat(),
            run=Run(run_id(run), origin(run) | causes(run)),
            job=job,
            inputs=inputs(run, namespace),
            outputs=outputs(run, namespace),
        )


def times(run: FlowRun) -> tuple[datetime, datetime]:
    """Return when the run started and ended, or the nearest times that the notification has."""
    known = run.updated_at or run.created_at or run.delivery.sent_at or datetime.now(timezone.utc)
    ended = run.completed_at or known
    return min(run.started_at or run.created_at or ended, ended), ended


def run_id(run: FlowRun) -> str:
    """Return the UUID that OpenLineage demands: the run's own id where it is one, else one made from it."""
    try:
        return str(UUID(run.id))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"{run.flow_id}/{run.id}"))


def name(run: FlowRun) -> dict[str, facet_v2.JobFacet]:
    """Return the dataflow's name as documentation: it may change and is not unique, so the id names the job."""
    return {"documentation": facet_v2.documentation_job.DocumentationJobFacet(run.flow_name)} if run.flow_name else {}


def origin(run: FlowRun) -> dict[str, facet_v2.RunFacet]:
    """Return the run's id as Adobe writes it."""
    return {"externalQuery": facet_v2.external_query_run.ExternalQueryRunFacet(run.id, "Adobe Experience Platform")}


def causes(run: FlowRun) -> dict[str, facet_v2.RunFacet]:
    """Return why the run failed, or succeeded only in part."""
    reasons = [" ".join(filter(None, (cause.code, cause.message))) for cause in run.causes]
    message = facet_v2.error_message_run.ErrorMessageRunFacet("\n".join(reasons), programmingLanguage="unknown")
    return {"errorMessage": message} if reasons else {}


def inputs(run: FlowRun, namespace: str) -> list[InputDataset]:
    """Return the source connections, with the amounts read from each."""
    records, size, files = run.metrics.record_summary, run.metrics.size_summary, run.metrics.file_summary
    total = records.input_record_count, size.input_bytes, files.input_file_count
    rows = {part.id: part.input_record_count for part in records.source_summaries}
    shares = divide(total, run.source_connection_ids or (f"{run.flow_id}/source",), rows)
    facet = facet_v2.input_statistics_input_dataset.InputStatisticsInputDatasetFacet
    return [
        InputDataset(namespace, id_, inputFacets={} if share == UNKNOWN else {"inputStatistics": facet(*share)})
        for id_, share in shares
    ]


def outputs(run: FlowRun, namespace: str) -> list[OutputDataset]:
    """Return the target connections, with the amounts written to each."""
    records, size, files = run.metrics.record_summary, run.metrics.size_summary, run.metrics.file_summary
    total = records.output_record_count, size.output_bytes, files.output_file_count
    rows = {part.id: part.output_record_count for part in records.target_summaries}
    shares = divide(total, run.target_connection_ids or (f"{run.flow_id}/target",), rows)
    facet = facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet
    return [
        OutputDataset(namespace, id_, outputFacets={} if share == UNKNOWN else {"outputStatistics": facet(*share)})
        for id_, share in shares
    ]


def divide(total: Amounts, connections: Sequence[str], rows: dict[str | None, int | None]) -> list[tuple[str, Amounts]]:
    """Return the share of each connection: the total where there is only one, else its rows where they are known."""
    if len(connections) == 1:
        return [(connections[0], total)]
    return [(connection, (rows.get(connection), None, None)) for connection in connections]


def is_broken(error: LineError) -> bool:
    """Return whether something could not be read, rather than being something other than a run."""
    reason = error.error
    return bool(reason.errors) if isinstance(reason, PartialParseError) else not isinstance(reason, NotAFlowRunError)


def main() -> int:
    """Emit the events of every run; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE", help="an archive, plain or .gz; standard input without any")
    parser.add_argument("--namespace", default="adobe-experience-platform", help="of jobs and datasets (%(default)s)")
    arguments = parser.parse_args()

    broken: list[int] = []

    def report(error: LineError) -> None:
        if is_broken(error):
            broken.append(error.number)
            print(error, file=sys.stderr)

    logging.basicConfig(level=logging.INFO)  # where OpenLineage is not configured it logs the events
    client = OpenLineageClient()
    sources = arguments.files or [sys.stdin.buffer]
    runs = chain.from_iterable(parse_archive(source, on_error=report) for source in sources)
    for event in news(runs, arguments.namespace):
        client.emit(event)
    client.close()
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
