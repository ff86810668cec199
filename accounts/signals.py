"""What happens to people that other rooms have to answer. Sent inside the transaction; this room knows nobody who listens."""

from django.dispatch import Signal

# Readers see other words about `person` than before.
shown_otherwise = Signal()
# `person` is about to be deleted: whatever else holds their name, or one of their `addresses`, lets go of it now.
leaving = Signal()
