"""The HTTP API, one file per concern."""
