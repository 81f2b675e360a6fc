"""Money: reserved before anything is submitted, booked when it ends. All amounts in the tables are millionths of a US dollar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from forkframe.errors import OverBudget
from forkframe.jobs.job import Request
from forkframe.model.ids import JobId
from forkframe.store.schema import JOB, LEDGER, QUEUE

_MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent, in US dollars.

    Attributes:
        total: by all jobs of the workspace together, ever.
        per_request: by one of them; None for whatever is left.
        reserved: by jobs that are not done.
        spent: by those that are.
    """

    total: float
    per_request: float | None
    reserved: float
    spent: float


@dataclass(frozen=True, slots=True)
class Booked:
    """A line of the ledger: what jobs of one engine took for one sequence (or for none).

    Attributes:
        jobs: how many were done.
        seconds: how long they ran, all together.
        reserved, spent: US dollars.
    """

    engine: str
    sequence: str
    jobs: int
    seconds: float
    reserved: float
    spent: float


def micros(dollars: float) -> int:
    """An amount as it is stored, never less than it is."""
    return math.ceil(round(dollars * _MICROS, 3))


def dollars(amount: int) -> float:
    """A stored amount in US dollars."""
    return amount / _MICROS


def said(amount: float) -> str:
    """An amount in US dollars, for people."""
    return f"${amount:.2f}" if amount == 0 or amount >= 0.01 else f"${amount:.4f}"


def _asked_for(amount: int) -> str:
    """A stored amount as somebody would type it, in whole cents and never less than it is."""
    return f"{-(-amount // (_MICROS // 100)) / 100:.2f}"


class Ledger:
    """The books of one workspace. Every method is part of its caller's transaction."""

    def __init__(self, workspace_id: str) -> None:
        self._workspace_id = workspace_id
        self._mine = LEDGER.c.workspace_id == workspace_id

    def budget(self, connection: Connection) -> Budget:
        """What may be spent, and what is."""
        caps = connection.execute(select(QUEUE).where(QUEUE.c.workspace_id == self._workspace_id)).one()
        reserved, spent = self._sums(connection)
        cap = None if caps.request_cap is None else dollars(caps.request_cap)
        return Budget(dollars(caps.budget), cap, dollars(reserved), dollars(spent))

    def reserve(
        self,
        connection: Connection,
        key: JobId,
        request: Request,
        *,
        now: float,
        parent: JobId | None = None,
        spent: float = 0.0,
    ) -> None:
        """Sets aside what a request is estimated to cost; what was set aside for its parent is used first.

        Args:
            connection: in a transaction.
            key: its job.
            request: what is asked for.
            now: seconds since 1970.
            parent: the job that it is asked for.
            spent: US dollars of it that others have spent for it already.

        Raises:
            OverBudget: it does not fit what is left, or what one request may cost.
        """
        needed = micros(max(0.0, request.dollars - spent))
        held = self._held(connection, key)
        if needed <= held:
            return
        given = min(needed - held, self._held(connection, parent)) if parent else 0
        caps = connection.execute(select(QUEUE).where(QUEUE.c.workspace_id == self._workspace_id)).one()
        reserved, booked = self._sums(connection)
        wanted = request.title or request.kind
        cap: int | None = caps.request_cap
        if cap is not None and needed > cap and not given:
            raise OverBudget(
                f"{wanted} by {request.engine} costs about {said(request.dollars)}, more than the {said(dollars(cap))} that one request may cost",
                hint=f"ask for less, or raise it: forkframe jobs WS budget {_asked_for(caps.budget)} --per-request {_asked_for(needed)}",
            )
        missing = needed - held - given
        left = caps.budget - reserved - booked
        if missing > max(0, left):
            raise OverBudget(
                f"{wanted} by {request.engine} costs about {said(request.dollars)}, and {said(max(0.0, dollars(left)))} of the workspace's budget of {said(dollars(caps.budget))} is left",
                hint=f"raise it and retry: forkframe jobs WS budget {_asked_for(reserved + booked + missing)}",
            )
        if given and parent:
            self._set(connection, parent, LEDGER.c.reserved - given, LEDGER.c.spent)
        if self._set(connection, key, needed, LEDGER.c.spent) == 0:
            row = {"engine": request.engine, "sequence": request.sequence, "reserved": needed, "spent": 0}
            connection.execute(
                insert(LEDGER), {"workspace_id": self._workspace_id, "job_id": key, "at": now, **row}
            )

    def settle(self, connection: Connection, key: JobId, *, cost: float | None) -> None:
        """Books what a job cost, and gives back the rest of what was set aside; None for all of that."""
        held = self._held(connection, key)
        booked = held if cost is None else micros(cost)
        self._set(connection, key, 0, LEDGER.c.spent + booked)

    def spent_on(self, connection: Connection, keys: Sequence[JobId]) -> float:
        """What jobs cost, in US dollars."""
        found = select(func.sum(LEDGER.c.spent)).where(self._mine, LEDGER.c.job_id.in_(keys))
        return dollars(int(connection.scalar(found) or 0))

    def lines(self, connection: Connection) -> list[Booked]:
        """What was taken and spent, by engine and sequence."""
        ran = func.sum(JOB.c.ended_at - JOB.c.started_at)
        done = (
            select(JOB.c.engine, JOB.c.sequence, func.count(), ran)
            .where(
                JOB.c.workspace_id == self._workspace_id,
                JOB.c.state == "done",
                JOB.c.engine != "",
                JOB.c.lane != "owner",  # it only had others work for it
            )
            .group_by(JOB.c.engine, JOB.c.sequence)
        )
        paid = (
            select(LEDGER.c.engine, LEDGER.c.sequence, func.sum(LEDGER.c.reserved), func.sum(LEDGER.c.spent))
            .where(self._mine)
            .group_by(LEDGER.c.engine, LEDGER.c.sequence)
        )
        work = {(engine, seq): (jobs, seconds) for engine, seq, jobs, seconds in connection.execute(done)}
        money = {(engine, seq): (held, spent) for engine, seq, held, spent in connection.execute(paid)}
        return [
            Booked(
                *key,
                *work.get(key, (0, 0.0)),
                *(dollars(int(amount)) for amount in money.get(key, (0, 0))),
            )
            for key in sorted({*work, *money})
        ]

    def _held(self, connection: Connection, key: JobId) -> int:
        held = connection.scalar(select(LEDGER.c.reserved).where(self._mine, LEDGER.c.job_id == key))
        return held or 0

    def _sums(self, connection: Connection) -> tuple[int, int]:
        sums = select(func.sum(LEDGER.c.reserved), func.sum(LEDGER.c.spent)).where(self._mine)
        reserved, spent = connection.execute(sums).one()
        return int(reserved or 0), int(spent or 0)

    def _set(self, connection: Connection, key: JobId, reserved: object, spent: object) -> int:
        change = update(LEDGER).where(self._mine, LEDGER.c.job_id == key)
        return connection.execute(change.values(reserved=reserved, spent=spent)).rowcount
