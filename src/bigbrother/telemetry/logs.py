"""Log lines as JSON, one event a line, for the service manager to keep."""

import logging
import sys
from datetime import UTC
from typing import TextIO

import structlog
from structlog.types import EventDict, Processor

from bigbrother.kernel.clock import Clock
from bigbrother.telemetry.redaction import redact


def configure_logs(unit: str, clock: Clock, stream: TextIO = sys.stdout) -> None:
    """Sends every log of the process, the libraries' too, to the stream as redacted JSON lines."""

    def stamp(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["time"] = clock.now().astimezone(UTC).isoformat(timespec="milliseconds")
        event["unit"] = unit
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        stamp,
        structlog.processors.format_exc_info,
    ]
    final: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _redact_event,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=final)
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # Such as Pillow's, for a strange image; otherwise they come as plain text.
    logging.captureWarnings(True)
    # Each line of it would repeat the access log's.
    logging.getLogger("uvicorn.access").disabled = True
    for noisy in ("httpx", "httpcore", "python_multipart"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _redact_event(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {name: redact(value, name) for name, value in event.items()}
