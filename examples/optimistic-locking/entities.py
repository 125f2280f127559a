"""The database: one table of entities, changed with optimistic locking."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, UniqueConstraint, create_engine, event, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError

KINDS = ("gateways", "prompts", "resources", "servers", "tools")
LISTED = 50  # entities, the oldest: a listing must not grow while a load test creates more

# SQLSTATE of a transaction that PostgreSQL refused because of a concurrent one, in place of an
# UPDATE that finds no row, where isolation is REPEATABLE READ or SERIALIZABLE. To the user it is
# the same: somebody else was faster, nothing was written, try again.
#
# A deadlock (40P01) is no conflict: no version was compared, all involved waited a second for
# nothing, and the cure is to take locks in one order. It stays an error of the service, as does a
# lock that is not released in time (55P03, SQLite's "database is locked").
SERIALIZATION_FAILURE = "40001"


class NotFoundError(Exception):
    """There is no such entity."""


class NameTakenError(Exception):
    """An entity of that kind has the name already: a mistake of the caller, not a conflict."""


class ConflictError(Exception):
    """The entity was changed between being read and being written; nothing was written."""


class Base(DeclarativeBase):
    """The tables of the service."""


class Entity(Base):
    """One thing that can be switched on and off."""

    __tablename__ = "loadgate_example"  # made anew at each start: a name that nobody else has
    __table_args__ = (UniqueConstraint("kind", "name"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=lambda: uuid4().hex)
    kind: Mapped[str]
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=False)
    toggles: Mapped[int] = mapped_column(default=0)
    """How often the state was set: read, incremented here and written back, which is just what a
    lost update would spoil. As long as nothing is lost it equals the toggles answered with 200."""
    version: Mapped[int] = mapped_column()

    # All there is to optimistic locking: SQLAlchemy writes "UPDATE ... SET version = 8 WHERE
    # number = 1 AND version = 7". Of two writers who read version 7 the second updates no row,
    # which raises StaleDataError.
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the form SQLAlchemy documents

    def as_json(self) -> dict[str, str | bool | int]:
        """Return what the service answers."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "active": self.active,
            "toggles": self.toggles,
            "version": self.version,
        }


def open_database(url: str, *, seeds: int, lock_timeout: float) -> Engine:
    """Connect to `url` and make the table anew, with `seeds` entities of each kind.

    A writer waits `lock_timeout` seconds for another one; then the database raises
    OperationalError, which is never taken for a conflict.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":  # which would wait for ever
        parsed = parsed.set(query={"connect_timeout": "10", **parsed.query})
    engine = create_engine(parsed)
    milliseconds = max(1, round(lock_timeout * 1000))
    on_connect = {
        # With a write-ahead log readers never wait for the writer. Writers wait for each other.
        "sqlite": ("PRAGMA journal_mode=WAL", f"PRAGMA busy_timeout={milliseconds}"),
        "postgresql": (f"SET lock_timeout = {milliseconds}",),
    }

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - any driver's
        cursor = connection.cursor()
        for statement in on_connect.get(engine.dialect.name, ()):
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        for kind in KINDS:
            session.add_all(Entity(kind=kind, name=f"{kind}-{n}") for n in range(seeds))
    return engine


@contextmanager
def opened_session(engine: Engine) -> Iterator[Session]:
    """Open a session; raises ConflictError where another transaction was faster."""
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    except StaleDataError as error:
        raise ConflictError from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == SERIALIZATION_FAILURE:
            raise ConflictError from error
        raise


def listing(engine: Engine, kind: str) -> list[Entity]:
    """Return the oldest entities of a kind."""
    with opened_session(engine) as session:
        entities = select(Entity).where(Entity.kind == kind).order_by(Entity.number)
        return list(session.scalars(entities.limit(LISTED)))


def find(engine: Engine, kind: str, id_: str) -> Entity:
    """Return one entity; raises NotFoundError."""
    with opened_session(engine) as session:
        return _read(session, kind, id_)


def create(engine: Engine, kind: str, name: str) -> Entity:
    """Add an entity; raises NameTakenError and ConflictError."""
    with opened_session(engine) as session:
        entity = Entity(kind=kind, name=name)
        session.add(entity)
        try:
            session.commit()
        except IntegrityError as error:
            raise NameTakenError from error
        return entity


def set_active(  # noqa: PLR0913 - what a request says of one change
    engine: Engine, kind: str, id_: str, *, active: bool, work: float, seen: str | None = None
) -> Entity:
    """Switch an entity on or off; raises NotFoundError and ConflictError.

    `seen` is the version that the caller decided by; None: the newest.

    Reading and writing are two transactions with `work` seconds between them, as in any service
    that asks others or computes something before it writes. No lock is held meanwhile, which is
    the point of optimistic locking, and the reason why conflicts happen.
    """
    with opened_session(engine) as session:
        entity = _read(session, kind, id_)
        if seen not in {None, str(entity.version)}:
            raise ConflictError
        session.commit()
        time.sleep(work)
        entity.active = active
        entity.toggles += 1
        session.commit()
        return entity


def delete(engine: Engine, kind: str, id_: str) -> None:
    """Remove an entity; raises NotFoundError and ConflictError."""
    with opened_session(engine) as session:
        session.delete(_read(session, kind, id_))
        session.commit()


def hold_all(engine: Engine, seconds: float, stop: Event) -> None:
    """Write all entities in one transaction and keep it open: meanwhile nobody else can write."""
    with engine.begin() as connection:
        connection.execute(update(Entity).values(active=Entity.active))
        stop.wait(seconds)


def _read(session: Session, kind: str, id_: str) -> Entity:
    entity = session.scalar(select(Entity).where(Entity.kind == kind, Entity.id == id_))
    if entity is None:
        raise NotFoundError
    return entity
