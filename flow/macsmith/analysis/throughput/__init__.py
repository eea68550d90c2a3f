"""Units at equal throughput: netlists and copies, who takes least, crossovers."""
