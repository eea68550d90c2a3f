"""Processing elements for floating point and integers, their pipelines merged or separate."""
