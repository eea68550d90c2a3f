"""What ``macsmith run`` does: networks of the project and of users, layer by layer on an array."""
