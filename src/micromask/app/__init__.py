"""The only room that talks to people."""
