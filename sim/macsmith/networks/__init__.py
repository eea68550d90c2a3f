"""Small quantised networks whose weights and images come with the package."""
