"""The database: one table of entities, changed with optimistic locking."""

from __future__ import annotations

import time
from uuid import uuid4

from sqlalchemy import Engine, UniqueConstraint, create_engine, event, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError

KINDS = ("gateways", "prompts", "resources", "servers", "tools")
LISTED = 50  # entities, the oldest: a listing must not grow while a load test creates more


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

    __tablename__ = "entities"
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


def open_database(url: str, *, seeds: int) -> Engine:
    """Connect to `url`, make the table, and `seeds` entities of every kind that has none."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        # With a write-ahead log readers never wait for the writer. Writers wait for each other,
        # up to 5 s by default ("?timeout=" in the URL), after which SQLite says "database is
        # locked": an OperationalError, so never taken for a conflict.
        event.listen(
            engine,
            "connect",
            lambda connection, _: connection.execute("PRAGMA journal_mode=WAL").close(),
        )
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        for kind in KINDS:
            if not session.scalar(select(func.count()).where(Entity.kind == kind)):
                session.add_all(Entity(kind=kind, name=f"{kind}-{n}") for n in range(seeds))
    return engine


def listing(engine: Engine, kind: str) -> list[Entity]:
    """Return the oldest entities of a kind."""
    with Session(engine) as session:
        entities = select(Entity).where(Entity.kind == kind).order_by(Entity.number)
        return list(session.scalars(entities.limit(LISTED)))


def find(engine: Engine, kind: str, id_: str) -> Entity:
    """Return one entity; raises NotFoundError."""
    with Session(engine) as session:
        return _read(session, kind, id_)


def create(engine: Engine, kind: str, name: str) -> Entity:
    """Add an entity; raises NameTakenError."""
    with Session(engine, expire_on_commit=False) as session:
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
    with Session(engine, expire_on_commit=False) as session:
        entity = _read(session, kind, id_)
        if seen not in {None, str(entity.version)}:
            raise ConflictError
        session.commit()
        time.sleep(work)
        entity.active = active
        entity.toggles += 1
        _write(session)
        return entity


def delete(engine: Engine, kind: str, id_: str) -> None:
    """Remove an entity; raises NotFoundError and ConflictError."""
    with Session(engine) as session:
        session.delete(_read(session, kind, id_))
        _write(session)


def _read(session: Session, kind: str, id_: str) -> Entity:
    entity = session.scalar(select(Entity).where(Entity.kind == kind, Entity.id == id_))
    if entity is None:
        raise NotFoundError
    return entity


def _write(session: Session) -> None:
    try:
        session.commit()
    except StaleDataError as error:
        raise ConflictError from error
