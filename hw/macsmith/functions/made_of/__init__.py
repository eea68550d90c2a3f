"""Units made of functions: softmax, batch normalisation."""
