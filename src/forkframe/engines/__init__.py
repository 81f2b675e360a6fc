"""Engines: what performs operations. `protocol` says what one is, `registry` finds them; each lives in its own module."""
