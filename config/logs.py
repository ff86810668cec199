"""One event, one line: nothing a visitor sends can begin a second one."""

import json
import logging
from datetime import UTC, datetime


class JsonLine(logging.Formatter):
    """An event as a JSON object, with its traceback inside."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=True)
