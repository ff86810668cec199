"""Dates as this site writes them, where nobody says how: on the desk, and beside what happened."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = r"H:i \U\T\C"
DATETIME_FORMAT = r"j M Y, H:i \U\T\C"
