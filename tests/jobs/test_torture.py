"""Workers and owners are killed at random while jobs run: nothing is lost, and nothing comes twice."""

from __future__ import annotations

from bench.torture import torture


def test_killing_workers_and_owners_at_random_loses_nothing_and_repeats_nothing() -> None:
    report = torture(jobs=300, kills=12, paid=30, seed=1, patience=8)
    assert report.is_sound, report
    assert (report.worker_kills, report.owner_kills) == (9, 3)
    assert report.jobs >= 300
    assert report.refused > 0, "the budget never refused anything"
    assert report.spent > 0
