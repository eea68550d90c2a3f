"""Measurements as jobs: what to do, in parallel, cached, here or on a cluster."""
