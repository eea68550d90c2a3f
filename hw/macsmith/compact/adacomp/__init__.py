"""AdaComp: of each bin of a layer's gradients those that matter, and residues of the rest."""
