"""How the networks that come with the package were trained and quantised."""
