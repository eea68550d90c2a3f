"""Cell libraries: Liberty files read, checked, and given one form."""
