"""A crossbar of memory cells, digital: bit slices and converters that clip."""
