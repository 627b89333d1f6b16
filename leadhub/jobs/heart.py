"""Says every 20 s that a worker lives, whatever it is busy with."""

import threading
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from leadhub.database import write_if_free
from leadhub.jobs.clock import now
from leadhub.jobs.models import Worker

BEAT = 20.0
AGAIN = 1.0  # seconds until a database that was busy or away is told again


class Heart(threading.Thread):
    """May hang with the database; nothing waits for it long."""

    def __init__(self, engine: Engine, worker_id: str) -> None:
        super().__init__(daemon=True)
        self.engine = engine
        self.worker_id = worker_id
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            self.over.wait(BEAT if self.beat() else AGAIN)

    def beat(self) -> bool:
        """False: the database was busy or away."""
        dialect: Any = sqlite if self.engine.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(Worker).values(id=self.worker_id, started_at=now(), seen_at=now())
        alive = statement.on_conflict_do_update(index_elements=[Worker.id], set_={"seen_at": now()})
        try:
            return write_if_free(self.engine, alive)
        except SQLAlchemyError:
            return False
