"""What follows from records: fronts, scaling, sweeps, mixes, costs of networks."""
