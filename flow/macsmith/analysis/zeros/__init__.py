"""What zeros are worth to engines that skip them: cycles, energies and areas of one layer."""
