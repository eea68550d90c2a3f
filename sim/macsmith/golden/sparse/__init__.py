"""Models of codecs, sparse engines and their memories."""
