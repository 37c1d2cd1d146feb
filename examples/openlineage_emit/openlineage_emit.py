"""Tells an OpenLineage backend of flow runs: when each started, how it ended, how much went in and out, and why not.

    python openlineage_emit.py [--namespace NAME] [FILE ...]

Reads notifications as NDJSON, plain or gzip, from the files or from standard input. Where the events go is
OpenLineage's own configuration, see the README. The exit status is 1 if something could not be read.
"""

from __future__ import annotations

import argparse
import fileinput
import logging
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from openlineage.client import OpenLineageClient, facet_v2
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState, set_producer

from flowrun_notifications import NotAFlowRunError, PartialParseError, RunStatus, parse_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowrun_notifications import FlowRun, LineError

    Amounts = tuple[int | None, int | None, int | None]  # rows, bytes, files

UNKNOWN = (None, None, None)
NOT_BEGUN = {RunStatus.SCHEDULED, RunStatus.WAITING}

set_producer("https://github.com/flowrun-notifications/flowrun-notifications/tree/main/examples/openlineage_emit")


def events(run: FlowRun, namespace: str) -> Iterator[RunEvent]:
    """The OpenLineage events that one notification stands for.

    A finished run's start is told with its end, since the notification of the start may never have come. Where it did,
    the backend hears of it twice and, the run's id being the same, takes it as one.
    """
    if run.status in NOT_BEGUN:
        return
    started, ended = times(run)
    job = Job(namespace, run.flow_id, name(run))
    yield RunEvent(eventType=RunState.START, eventTime=started.isoformat(), run=Run(run_id(run), origin(run)), job=job)
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
    """When the run started and ended, or as near to it as the notification tells."""
    told = run.updated_at or run.created_at or run.delivery.sent_at or datetime.now(timezone.utc)
    ended = run.completed_at or told
    return min(run.started_at or run.created_at or ended, ended), ended


def run_id(run: FlowRun) -> str:
    """The UUID that OpenLineage demands: the run's own id where that is one, else always the same one made from it."""
    try:
        return str(UUID(run.id))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"{run.flow_id}/{run.id}"))


def name(run: FlowRun) -> dict[str, facet_v2.JobFacet]:
    """The dataflow's name, which may change and is not unique: the job goes by the dataflow's id."""
    return {"documentation": facet_v2.documentation_job.DocumentationJobFacet(run.flow_name)} if run.flow_name else {}


def origin(run: FlowRun) -> dict[str, facet_v2.RunFacet]:
    """The run's id as Adobe writes it."""
    return {"externalQuery": facet_v2.external_query_run.ExternalQueryRunFacet(run.id, "Adobe Experience Platform")}


def causes(run: FlowRun) -> dict[str, facet_v2.RunFacet]:
    """Why the run failed, or why it is not all there though it succeeded."""
    reasons = [" ".join(filter(None, (cause.code, cause.message))) for cause in run.causes]
    message = facet_v2.error_message_run.ErrorMessageRunFacet("\n".join(reasons), programmingLanguage="unknown")
    return {"errorMessage": message} if reasons else {}


def inputs(run: FlowRun, namespace: str) -> list[InputDataset]:
    """The source connections, with what was read from each."""
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
    """The target connections, with what was written to each."""
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
    """What each connection has of a total: all of it where there is only one, else the rows that it is said to have."""
    if len(connections) == 1:
        return [(connections[0], total)]
    return [(connection, (rows.get(connection), None, None)) for connection in connections]


def is_broken(error: LineError) -> bool:
    """Whether something in a line could not be read, rather than being something else than a run."""
    errors = error.error.errors if isinstance(error.error, PartialParseError) else (error.error,)
    return not all(isinstance(error, NotAFlowRunError) for error in errors)


def main() -> int:
    """Emits the events of every run; its result is the exit status."""
    parser = argparse.ArgumentParser(description="Tells an OpenLineage backend of flow runs.")
    parser.add_argument("files", nargs="*", metavar="FILE", help="NDJSON, plain or .gz; standard input without any")
    parser.add_argument("--namespace", default="adobe-experience-platform", help="of jobs and datasets (%(default)s)")
    arguments = parser.parse_args()

    broken: list[int] = []

    def report(error: LineError) -> None:
        if is_broken(error):
            broken.append(error.number)
            print(error, file=sys.stderr)

    logging.basicConfig(level=logging.INFO)  # where OpenLineage is not configured it logs the events
    client = OpenLineageClient()
    with fileinput.input(arguments.files, mode="rb", openhook=fileinput.hook_compressed) as lines:
        for run in parse_lines(lines, on_error=report):
            for event in events(run, arguments.namespace):
                client.emit(event)
    client.close()
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
