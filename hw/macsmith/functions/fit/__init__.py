"""The fitting program: coefficients of piecewise polynomials, in whole numbers."""
