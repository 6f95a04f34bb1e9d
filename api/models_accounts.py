"""What the endpoints for people, machines and the audit log take and answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from api.accounts.principal import Assignment
from api.accounts.rights import Role
from api.accounts.tables import Client, Registration, User
from api.models import ORG, Answer, Moment

Password = Annotated[SecretStr, Field(min_length=1, max_length=1000)]
Name = Annotated[str, Field(min_length=1, max_length=40, examples=["li.na"])]


class Body(BaseModel):
    """What is sent; a misspelt field is refused."""

    model_config = ConfigDict(extra="forbid")


class LoginBody(Body):
    """Who logs in."""

    name: str = Field(min_length=1, max_length=200)
    password: Password


class PasswordBody(Body):
    """One's own password, before and after."""

    old: Password
    new: Password


class AssignmentBody(Body):
    """What somebody is: hospital with ``org``; regulator and operator with ``scope``, a region's code of six digits
    (370000 a province, 370100 a city, 370112 a county, 000000 everything); tester with or without ``org``."""

    role: Role
    org: str = Field("", max_length=22, examples=[ORG])
    scope: str = Field("", max_length=6)
    manages: bool = Field(False, description="该机构或地区的管理员 administrator of that institution or region")
    personal: bool = Field(False, description="可查看个人信息 may read personal data")

    @property
    def assignment(self) -> Assignment:
        """As a value."""
        return Assignment(self.role, self.org, self.scope, self.manages, self.personal)


class UserBody(AssignmentBody):
    """Somebody new."""

    name: Name
    full_name: str = Field("", max_length=80)


class UserChange(AssignmentBody):
    """Somebody as they are to be from now on."""

    full_name: str = Field("", max_length=80)
    active: bool = True


class RegistrationBody(Body):
    """Who asks for an account. ``contact``: how the administrator reaches you."""

    name: Name
    full_name: str = Field(min_length=1, max_length=80)
    password: Password
    role: Role
    org: str = Field("", max_length=22, examples=[ORG])
    scope: str = Field("", max_length=6)
    contact: str = Field("", max_length=80)
    note: str = Field("", max_length=500)


class ApprovalBody(AssignmentBody):
    """What the account is to be; another name where the one that was asked for is taken."""

    name: str = Field("", max_length=40)


class RefusalBody(Body):
    """Why not."""

    reason: str = Field("", max_length=500)


class ClientBody(AssignmentBody):
    """A new machine. ``allow``: networks that it may come from, empty for any."""

    label: str = Field(min_length=1, max_length=80, examples=["HIS 接口"])
    allow: str = Field("", max_length=2000, examples=["10.1.2.0/24"])


class ClientChange(Body):
    """Another label or other networks."""

    label: str = Field(min_length=1, max_length=80)
    allow: str = Field("", max_length=2000)


class RotateBody(Body):
    """How long the secrets before work beside the new one; 0: not at all."""

    overlap_hours: float = Field(24.0, ge=0, le=24 * 30)


class AssignedAnswer(Answer):
    """Role, institution, region."""

    role: Role
    org: str
    scope: str
    manages: bool
    personal: bool


class MeAnswer(AssignedAnswer):
    """Who calls. ``csrf_token`` goes into the header X-CSRF-Token of every call that changes something (people)."""

    name: str
    full_name: str
    kind: str
    rights: list[str]
    must_change: bool
    csrf_token: str


class UserAnswer(AssignedAnswer):
    """A person."""

    name: str
    full_name: str
    active: bool
    must_change: bool
    created_at: Moment
    created_by: str
    login_at: Moment | None


class UsersAnswer(Answer):
    """People, by name."""

    users: list[UserAnswer]


class NewPasswordAnswer(Answer):
    """A one-time password; it is shown this once and has to be changed at the first login."""

    name: str
    password: str


class EndedAnswer(Answer):
    """How many sessions were ended."""

    sessions: int


class RegistrationAnswer(AssignedAnswer):
    """Somebody who waits for an account."""

    id: str
    name: str
    full_name: str
    contact: str
    note: str
    created_at: Moment
    name_taken: bool


class RegistrationsAnswer(Answer):
    """Those whom the caller may decide on, oldest first."""

    registrations: list[RegistrationAnswer]


class AskedAnswer(Answer):
    """The wish was kept; an administrator decides."""

    id: str


class ClientAnswer(AssignedAnswer):
    """A machine."""

    client_id: str
    label: str
    allow: str
    created_at: Moment
    created_by: str
    used_at: Moment | None


class ClientsAnswer(Answer):
    """Machines, by label."""

    clients: list[ClientAnswer]


class SecretAnswer(Answer):
    """The secret of a machine; it is shown this once."""

    client_id: str
    client_secret: str


class AuditEntryAnswer(Answer):
    """Who did what, when, from where."""

    at: Moment
    id: str
    actor: str
    action: str
    target: str
    detail: dict[str, Any]
    address: str


class AuditLogAnswer(Answer):
    """One page, newest first."""

    total: int
    limit: int
    offset: int
    entries: list[AuditEntryAnswer]


class OAuthRefusal(Answer):
    """A refusal as RFC 6749 §5.2 has it."""

    error: str
    error_description: str


class TokenAnswer(Answer):
    """An access token (RFC 6749)."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int


def _assigned(one: User | Client | Registration) -> dict[str, Any]:
    return {name: getattr(one, name) for name in AssignedAnswer.model_fields}


def user_answer(user: User) -> UserAnswer:
    """A person as an answer."""
    return UserAnswer(
        **_assigned(user), name=user.name, full_name=user.full_name, active=user.active, must_change=user.must_change,
        created_at=user.created_at, created_by=user.created_by, login_at=user.login_at,
    )  # fmt: skip


def client_answer(client: Client) -> ClientAnswer:
    """A machine as an answer."""
    return ClientAnswer(
        **_assigned(client), client_id=client.id, label=client.label, allow=client.allow,
        created_at=client.created_at, created_by=client.created_by, used_at=client.used_at,
    )  # fmt: skip


def registration_answer(one: Registration, name_taken: bool) -> RegistrationAnswer:
    """A registration as an answer."""
    return RegistrationAnswer(
        **_assigned(one), id=one.id, name=one.name, full_name=one.full_name, contact=one.contact, note=one.note,
        created_at=one.created_at, name_taken=name_taken,
    )  # fmt: skip
