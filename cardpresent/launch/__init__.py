"""Processes of a run: the server, the till, the browser; started, watched and ended."""
