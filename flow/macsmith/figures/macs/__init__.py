"""The tables and pictures of MACs: README.md, MAC styles, measurement, scaling, use cases."""
