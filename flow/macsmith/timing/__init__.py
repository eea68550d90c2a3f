"""Static timing of mapped netlists, by an engine of our own or OpenSTA."""
