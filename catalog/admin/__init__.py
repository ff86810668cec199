"""The maintainer's desk. It reads, and every act on it is one call of `review` or `publishing`."""

from catalog.admin import names, papers, submissions

__all__ = ["names", "papers", "submissions"]
