"""The maintainer's desk. It reads, and every act on it is one call of `review`, `publishing` or `arranging`."""

from catalog.admin import categories, importing, names, papers, reasons, submissions, tombstones

__all__ = ["categories", "importing", "names", "papers", "reasons", "submissions", "tombstones"]
