"""What happens in the bank that floors above may want to act on."""

from django.dispatch import Signal

# Sent in the transaction of a publication, with `release` and `actor`: what a receiver writes is
# committed with the release or not at all.
release_published = Signal()
