"""What units compute, against plain operators."""
