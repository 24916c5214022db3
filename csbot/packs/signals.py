"""What other apps may hear of packs."""

from django.dispatch import Signal

# Sent inside the loading transaction, with `folder` (Path) and `brand`: an app that keeps its own part of a pack
# (the demo's orders and products) loads it then.
pack_loaded = Signal()
