"""How the skin moves between two frames."""
