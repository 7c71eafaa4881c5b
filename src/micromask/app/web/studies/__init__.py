"""The studies that a server has open: their list, and an application each."""
