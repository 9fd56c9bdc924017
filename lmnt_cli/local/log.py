"""The log on standard error. Clients determine much of its text, so terminal controls are escaped."""

from __future__ import annotations

import logging


TEXT_LOGGER = "lmnt_cli.local.text"


class EscapingFormatter(logging.Formatter):
    """Formats a record as one line of printable text, and each line of a traceback as another."""

    def format(self, record: logging.LogRecord) -> str:
        # A traceback keeps its lines. The message does not: a line feed in it may come from a client.
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        lines = [f"lmnt-local: {record.getMessage()}", *trace.splitlines()]
        return "\n".join(map(escape, lines))


def escape(text: str) -> str:
    """Return the text with every unprintable character escaped."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def set_up_log(*, enabled: bool, with_text: bool) -> None:
    """Log sessions and requests, and with `with_text` the text of clients; or nothing at all."""
    if enabled:
        handler = logging.StreamHandler()
        handler.setFormatter(EscapingFormatter())
        logging.basicConfig(level=logging.INFO, handlers=[handler])
    # websockets logs frames, which contain the key.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    # asyncio warns about writes to a peer that has just left, which is not an error.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    logging.getLogger(TEXT_LOGGER).setLevel(logging.INFO if with_text else logging.CRITICAL)
