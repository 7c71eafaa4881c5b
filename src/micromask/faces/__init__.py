"""Find the face, follow it, hold it still, name its regions."""
