"""The log: one JSON object a line on the standard error stream."""

import logging
import sys
from typing import TextIO

import structlog


def logger(level: str, stream: TextIO | None = None) -> structlog.stdlib.BoundLogger:
    """A logger of its own, so that no other library's set-up changes the lines. Welsh letters stay letters."""
    log: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        context_class=dict,
    )
    return log
