"""Providers that are pretended: each speaks its own protocol over real HTTP on this machine, bills, and fails on request."""
