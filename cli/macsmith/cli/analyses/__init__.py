"""What commands do that put measurements together: over supplies, precisions, parameters, PEs."""
