"""An AWS Lambda function that tells a chat about flow runs that need attention, once about each state of a run.

| source of the event | if something in it cannot be handled |
|---|---|
| SQS queue, standard or FIFO | its record is reported as failed; SQS sends it again, then to the dead-letter queue |
| Kinesis data stream | the same; Lambda goes back to that record, then to the failure destination |
| EventBridge, SNS, the failure destination of another function | the call fails; Lambda repeats it twice, then sends the event to this function's failure destination |
| request to the function's own URL, signed by Adobe | 4xx if Adobe cannot mend it; 5xx, which Adobe repeats for 24 hours, if it passes |

A run that is broken is told as far as it can be read, and then fails: so it is kept where failures are kept.
"""  # noqa: E501

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from typing import Any

import httpx2
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, SqsFifoPartialProcessor
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, HttpUrl, Secret
from pydantic_settings import BaseSettings, CliApp, SettingsConfigDict

from adobe_signatures import ADOBE_KEY_HOST, AdobeKeys, KeyUnavailableError, NotSignedError, read_signatures
from flowrun_notifications import (
    FlowRun,
    InvalidFlowRunError,
    InvalidJSONError,
    ParseResult,
    Payload,
    parse_all,
    to_markdown,
)

CHAT_TIMEOUT = 4  # seconds
REMEMBER = 14 * 24 * 60 * 60  # seconds; no queue keeps a message longer

Event = dict[str, Any]

logger = logging.getLogger("flow-runs")
logger.setLevel(logging.INFO)
for name in ("httpx2", "httpcore2"):
    logging.getLogger(name).setLevel(logging.WARNING)  # they log the URL of the chat, which is a secret
idempotency = IdempotencyConfig(expires_after_seconds=REMEMBER, hash_function="sha256")


class Settings(BaseSettings):
    """Tell a chat about flow runs that need attention. Lambda calls it; its settings are environment variables."""

    model_config = SettingsConfigDict(hide_input_in_errors=True, cli_prog_name="lambda_eventbridge.py")

    chat_webhook_url: Secret[HttpUrl] = Field(description='an incoming webhook that takes {"text": "…"}; a secret')
    idempotency_table: str = Field(
        min_length=1, description="the DynamoDB table of what was told: partition key id (text), TTL expiration"
    )
    chat_message_limit: int = Field(4000, ge=100, description="the characters that the chat takes in one message")
    adobe_client_id: str | None = Field(
        None, description="for the function URL: the client id of the registration; without it requests are refused"
    )
    adobe_key_host: HttpUrl = Field(HttpUrl(ADOBE_KEY_HOST), description="where Adobe's public keys are; for tests")


@cache
def settings() -> Settings:
    """Return the settings."""
    return CliApp.run(Settings, cli_args=[])


@cache
def adobe_keys() -> AdobeKeys:
    """Return Adobe's keys, kept from call to call."""
    return AdobeKeys(str(settings().adobe_key_host))


@cache
def table() -> DynamoDBPersistenceLayer:
    """Return the table of what was told."""
    return DynamoDBPersistenceLayer(settings().idempotency_table)


def handler(event: Event, context: LambdaContext) -> Any:
    """Take an event from any source; Lambda calls this."""
    # What is being told is claimed until the call ends, however it ends.
    idempotency.register_lambda_context(context)
    if "http" in event.get("requestContext", {}):
        return answer(event)
    if "requestPayload" in event:  # a failure destination gets the event that another function could not handle
        event = event["requestPayload"]
    records: list[Event] = event.get("Records", [])
    source = records[0].get("eventSource", "aws:sns") if records else ""
    if source == "aws:sqs":
        return take_batch(records, take_sqs_record, sqs_processor(records))
    if source == "aws:kinesis":
        return take_batch(records, take_kinesis_record, BatchProcessor(EventType.KinesisDataStreams, logger=logger))
    # Adobe's event bus is a partner's: only Adobe can put events on it, so there is nothing to verify.
    for payload in [record["Sns"]["Message"] for record in records] or [event]:
        take(payload)
    return None


def sqs_processor(records: list[Event]) -> BatchProcessor:
    """Return the processor for a queue. In a FIFO queue what follows a failure in its group has to fail too."""
    if records[0]["eventSourceARN"].endswith(".fifo"):
        return SqsFifoPartialProcessor(skip_group_on_error=True, logger=logger)
    return BatchProcessor(EventType.SQS, logger=logger)


def take_batch(records: list[Event], take_record: Callable[[Any], None], processor: BatchProcessor) -> Any:
    """Take each record of a batch; return those that failed, and only those come again."""
    processor.raise_on_entire_batch_failure = False  # a batch of one is a batch too
    with processor(records, take_record):
        processor.process()  # pyright: ignore[reportUnknownMemberType]
    return processor.response()


def take_sqs_record(record: SQSRecord) -> None:
    """Take one message of a queue."""
    take(record.body)


def take_kinesis_record(record: KinesisStreamRecord) -> None:
    """Take one record of a stream."""
    take(record.kinesis.data_as_bytes())


def take(payload: Payload) -> None:
    """Tell the chat about everything in a payload that needs attention.

    Raises:
        InvalidJSONError: It is not JSON.
        PartialParseError: A run in it is broken; it was told as far as it can be read.
    """
    result = parse_all(payload)
    tell(result)
    result.raise_for_errors()


def tell(result: ParseResult) -> None:
    """Tell the chat about every run that needs attention, and that it was not told about before."""
    logger.info("%d runs, %d other messages, %d broken", len(result.runs), len(result.others), len(result.errors))
    post_once = idempotent_function(
        post, data_keyword_argument="key", persistence_store=table(), config=idempotency, key_prefix="told"
    )
    for key, text in messages(result):
        post_once(key=key, text=text)


def messages(result: ParseResult) -> Iterator[tuple[str, str]]:
    """Yield a key and a text in Markdown for everything that needs attention."""
    for item in result.items:
        if isinstance(item, FlowRun):
            if item.needs_attention:
                yield item.dedup_key, to_markdown(item)
        elif isinstance(item, InvalidFlowRunError):
            run = None
            with suppress(InvalidFlowRunError):
                run = item.salvage()
            if run:
                yield f"broken {run.dedup_key}", f"{to_markdown(run)}\n\nOther values of this run cannot be read."
            else:
                key = f"broken {item.delivery.event_id} {item.path} {item}"
                yield key, "A flow run notification cannot be read."


def post(*, key: str, text: str) -> None:  # noqa: ARG001 - the key is the idempotency's
    """Post a message to the chat."""
    limit = settings().chat_message_limit
    if len(text) > limit:
        text = text[: max(text.rfind("\n", 0, limit - 1), 0) or limit - 2] + "\n…"
    url = str(settings().chat_webhook_url.get_secret_value())
    response = httpx2.post(url, json={"text": text}, timeout=CHAT_TIMEOUT)
    if not response.is_success:
        raise RuntimeError(f"the chat answered {response.status_code}")


def answer(request: Event) -> Event:
    """Return the response to a request to the function URL, which anybody may call."""
    if request["requestContext"]["http"]["method"] == "GET":
        challenge = request.get("queryStringParameters", {}).get("challenge", "")
        headers = {"content-type": "text/plain", "x-content-type-options": "nosniff"}
        status = HTTPStatus.OK if challenge else HTTPStatus.BAD_REQUEST
        return {"statusCode": status, "headers": headers, "body": challenge}
    try:
        text = request.get("body", "")
        body = base64.b64decode(text) if request.get("isBase64Encoded") else text.encode()
        signatures = read_signatures(request["headers"])
        result = parse_all(body)
        client_id = settings().adobe_client_id
        if not client_id or any(recipient != client_id for recipient in recipients(result)):
            return refuse(HTTPStatus.FORBIDDEN, "sent to another client")
        adobe_keys().verify(body, signatures)
    except NotSignedError as error:
        return refuse(HTTPStatus.UNAUTHORIZED, str(error))
    except (InvalidJSONError, binascii.Error, UnicodeError):
        return refuse(HTTPStatus.BAD_REQUEST, "not JSON")
    except KeyUnavailableError as error:
        return refuse(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    tell(result)
    for broken in result.errors:
        logger.error("%s", broken)
    return {"statusCode": HTTPStatus.OK}


def recipients(result: ParseResult) -> set[str | None]:
    """Return the client ids that Adobe sent the items of a payload to."""
    return {item.delivery.recipient_client_id for item in result.items}


def refuse(status: HTTPStatus, reason: str) -> Event:
    """Return a response, and log the reason for it, which holds no value of the request."""
    logger.warning("refused with %d: %s", status, reason)
    return {"statusCode": status}


if __name__ == "__main__":
    CliApp.run(Settings)
