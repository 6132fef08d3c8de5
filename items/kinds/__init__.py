"""One file a kind of item; everything else asks `items.kinds.registry`."""
