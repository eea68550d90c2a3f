"""The dot-product unit: its formats, lanes, alignment and accumulator."""
