"""Matrix products on arrays and engines, tile by tile, up to whole networks."""
