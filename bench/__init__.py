"""Measurements of everything that is claimed, each a ratio of two things measured in the same run."""
