"""Memories between a producer and a consumer of tiles: buffets, and double buffers beside them."""
