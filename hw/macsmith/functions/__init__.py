"""Special functions: piecewise polynomials on bit heaps, faithful, and units made of them."""
