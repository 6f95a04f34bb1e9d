"""The tables of the accounts database (SQLite or PostgreSQL). Times are UTC; secrets are kept as hashes only."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, ForeignKey, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from api.accounts.principal import Assignment
from api.accounts.rights import Role
from api.onboarding.life import Action, State


class Moment(TypeDecorator[datetime]):
    """A zoned time; SQLite keeps none, so UTC is what is kept."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As UTC. Raises ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """As UTC."""
        if value is None:
            return None
        found: datetime = value
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables. Constraints are named, so that a migration can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Assigned:
    """The columns of an Assignment."""

    role: Mapped[Role] = mapped_column(String(16))
    org: Mapped[str] = mapped_column(String(22), default="")
    scope: Mapped[str] = mapped_column(String(6), default="")
    manages: Mapped[bool] = mapped_column(default=False)
    personal: Mapped[bool] = mapped_column(default=False)

    @property
    def assignment(self) -> Assignment:
        """Role, institution, region and the rest as one value."""
        return Assignment(self.role, self.org, self.scope, self.manages, self.personal)

    @assignment.setter
    def assignment(self, value: Assignment) -> None:
        """Take over all of it."""
        self.role, self.org, self.scope = value.role, value.org, value.scope
        self.manages, self.personal = value.manages, value.personal


class User(Assigned, Base):
    """A person. ``must_change``: the password was made by somebody else and works for changing it only."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    full_name: Mapped[str] = mapped_column(String(80), default="")
    password: Mapped[str] = mapped_column(Text)
    must_change: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(80), default="")
    password_at: Mapped[datetime] = mapped_column(Moment)
    login_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class LoginSession(Base):
    """A login of a person, known by the hash of its cookie."""

    __tablename__ = "sessions"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(64), default="")


class Client(Assigned, Base):
    """A machine: ``id`` is its appid. ``allow`` are the networks it may come from, empty for any."""

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    label: Mapped[str] = mapped_column(String(80), unique=True)
    allow: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(80), default="")
    used_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class ClientSecret(Base):
    """A secret of a client, by its hash. While one is replaced by another both work until ``ends_at``."""

    __tablename__ = "client_secrets"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class AccessToken(Base):
    """A short-lived token of a client, by its hash. It ends with the secret that it was got with."""

    __tablename__ = "access_tokens"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    secret: Mapped[str] = mapped_column(ForeignKey("client_secrets.hash", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment, index=True)


class Registration(Assigned, Base):
    """Somebody who asks for an account. ``state``: waiting, approved, refused; the password is emptied then."""

    __tablename__ = "registrations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    full_name: Mapped[str] = mapped_column(String(80), default="")
    contact: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    password: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="waiting", index=True)
    reason: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    decided_by: Mapped[str] = mapped_column(String(80), default="")


class Onboarding(Base):
    """A test institution on its way to a real one (``formal``, empty: not said yet). ``version`` counts its steps."""

    __tablename__ = "onboarding"

    org: Mapped[str] = mapped_column(String(22), primary_key=True)
    serial: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(6))
    formal: Mapped[str] = mapped_column(String(22), default="")
    state: Mapped[State] = mapped_column(String(16), default="testing")
    version: Mapped[int] = mapped_column(default=1)
    starts_on: Mapped[date | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(120), default="")
    changed_at: Mapped[datetime] = mapped_column(Moment)


class OnboardingStep(Base):
    """A step of an onboarding: who did what, with which note and, for an application, which figures (JSON)."""

    __tablename__ = "onboarding_steps"

    org: Mapped[str] = mapped_column(ForeignKey("onboarding.org", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[Action] = mapped_column(String(16))
    state: Mapped[State] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(500), default="")
    figures: Mapped[str] = mapped_column(Text, default="")


class ContactSheet(Base):
    """Whom the front page programme asks at an institution; a column is empty (``birth_year`` 0) until it is filled."""

    __tablename__ = "contact_sheets"

    org: Mapped[str] = mapped_column(String(22), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), default="")
    sex: Mapped[str] = mapped_column(String(1), default="")
    birth_year: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    mobile: Mapped[str] = mapped_column(String(20), default="")
    id_number: Mapped[str] = mapped_column(String(18), default="")
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[str] = mapped_column(String(120), default="")


class Attempt(Base):
    """Failures in a row of a name or an address (hashed: a name may hold a password typed into the wrong field)."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(Moment, index=True)
    wait_until: Mapped[datetime] = mapped_column(Moment)


class AuditEntry(Base):
    """An entry of the audit log on its way to ClickHouse. ``batch``: the entries that are sent together."""

    __tablename__ = "audit_entries"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(60))
    target: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text, default="{}")
    address: Mapped[str] = mapped_column(String(64), default="")
    batch: Mapped[str | None] = mapped_column(String(32), default=None, index=True)
