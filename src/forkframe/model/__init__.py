"""The pure graph: what a workspace is and how it changes. Knows no database, clock, network or picture.

Rows (`entities`) live in a `Graph`; a `Change` is planned into a `Delta` of rows; `undo` fits a delta's inverse to
the graph as it is; `paths` walks it.
"""
