"""What dot products of compact formats have in common: streams, pipeline, accumulators."""
