"""The index: which papers each thing that can be asked for is true of. Written only by `index`, and made anew from the records."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

SEGMENT = 1 << 16


class TermField(models.CharField):
    """Text in the order of its code points, on every database, so that what begins alike stands together."""

    def db_parameters(self, connection: Any) -> Any:
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}


class Posting(models.Model):
    """The papers of one run of SEGMENT numbers that a term is true of, as a serialized roaring bitmap of their primary keys."""

    field = TermField(max_length=12)
    term = TermField(max_length=300)
    segment = models.PositiveIntegerField()
    papers = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "term", "segment"], name="term_has_one_posting_a_segment")]
        indexes = [models.Index(fields=["segment"], name="posting_by_segment")]

    def __str__(self) -> str:
        return f"{self.field}:{self.term}"


class Word(models.Model):
    """A word that stands in papers, and in how many: what a search may have meant."""

    text = TermField(max_length=64, primary_key=True)
    papers = models.PositiveIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(papers__gte=1), name="word_stands_somewhere")]

    def __str__(self) -> str:
        return self.text


class Misspelling(models.Model):
    """A word with one letter left out. Two words that have one in common are a slip of the finger apart."""

    text = TermField(max_length=64)
    word = models.ForeignKey(Word, on_delete=models.CASCADE, related_name="misspellings", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "word"], name="letter_is_left_out_once")]
        indexes = [models.Index(fields=["word"], name="misspelling_by_word")]

    def __str__(self) -> str:
        return self.text
