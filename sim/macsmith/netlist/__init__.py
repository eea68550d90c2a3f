"""Gate-level simulation of netlists over many vectors at once, with and without delays."""
