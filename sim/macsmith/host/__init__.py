"""What simulations need of the machine: compilers, Yosys, a cache, and the outcome of a run."""
