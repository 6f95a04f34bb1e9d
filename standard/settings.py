"""Settings of the standard: what differs between platforms, from ``data/settings.yaml`` and an optional own file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

# The value of XGBZ that revokes a row, by the code set in use.
REVOKED = MappingProxyType({"modify_flag": ("1",), "modify_flag_3": ("2",)})
# The code set of P1 and its values of public insurance and full public payment.
PAYMENTS = MappingProxyType(
    {
        "hqms": ("payment_hqms", ("1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "6")),
        "one_character": ("payment_hqms_1char", ("1", "2", "3", "6")),
    }
)
# Settings whose keys may be added to: codes or tables of the platform's own.
OPEN = frozenset({"frequency_per_day", "dash_filled", "specialties"})
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "modify_flag": tuple(REVOKED),
        "admission_route": ("hqms", "cv"),
        "unmapped_severity": ("warning", "error"),
        "epoch_is": ("local", "utc"),
        "front_page_payment": ("hqms", "one_character"),
        "infant_age_is": ("days", "months"),
        "front_page_total": ("eq", "ge"),
        "unknown_code_severity": ("warning", "error"),
    }
)
REFERENCE = "setting:"  # how columns and rules name a setting


class StandardError(ValueError):
    """The data files or the settings of the standard do not hold together; the text says where and what."""


def freeze(value: Any) -> Any:
    """The value with dicts as read-only mappings and lists as tuples, to any depth."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: freeze(part) for key, part in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(part) for part in value)
    return value


def read_settings(default: Path, own: Path | None) -> Mapping[str, Any]:
    """Settings of ``default`` with the values of ``own`` in their place; nested mappings are replaced key by key.

    Adds what follows from them: ``revoked_values`` (of XGBZ), ``admission_route_set`` and ``front_page_payment_set``
    (code sets), ``front_page_insured`` (payment methods with which somebody else pays).
    Raises StandardError for an unknown key, a value of another type or one that is not a choice.
    """
    settings: dict[str, Any] = yaml.safe_load(default.read_text(encoding="utf-8"))
    if own is not None:
        _override(settings, _read_own(own), str(own))
    for key, choices in CHOICES.items():
        if settings[key] not in choices:
            raise StandardError(f"setting {key} is {settings[key]!r}; it can be {' or '.join(choices)}")
    settings["revoked_values"] = REVOKED[settings["modify_flag"]]
    settings["admission_route_set"] = f"admission_route_{settings['admission_route']}"
    payment_set, insured = PAYMENTS[settings["front_page_payment"]]
    settings |= {"front_page_payment_set": payment_set, "front_page_insured": insured}
    frozen: Mapping[str, Any] = freeze(settings)
    return frozen


def resolve(value: Any, settings: Mapping[str, Any]) -> Any:
    """The value with every text ``setting:NAME`` replaced by that setting; StandardError if there is none."""
    if isinstance(value, str) and value.startswith(REFERENCE):
        name = value.removeprefix(REFERENCE)
        if name not in settings:
            raise StandardError(f"there is no setting {name!r} of the standard")
        return settings[name]
    if isinstance(value, Mapping):
        return {key: resolve(part, settings) for key, part in value.items()}
    if isinstance(value, list):
        return [resolve(part, settings) for part in value]
    return value


def _read_own(path: Path) -> Mapping[str, Any]:
    try:
        own = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StandardError(f"cannot read the settings of the standard in {path}: {error}") from error
    if not isinstance(own, dict):
        raise StandardError(f"{path} must be a mapping of settings")
    return own


def _override(settings: dict[str, Any], own: Mapping[str, Any], where: str) -> None:
    for key, value in own.items():
        if key not in settings:
            raise StandardError(
                f"{where}: unknown setting {key!r} of the standard; known: {', '.join(sorted(map(str, settings)))}"
            )
        if isinstance(settings[key], dict):
            if not isinstance(value, dict):
                raise StandardError(f"{where}: setting {key!r} must be a mapping")
            if key in OPEN:
                settings[key] = {**settings[key], **value}
            else:
                _override(settings[key], value, f"{where}: {key}")
        elif _family(value) is not _family(settings[key]):
            raise StandardError(f"{where}: setting {key!r} must be a {_family(settings[key]).__name__}")
        else:
            settings[key] = value


def _family(value: object) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)
