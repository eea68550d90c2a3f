"""Models of dot products of compact number formats, and of what they are made into."""
