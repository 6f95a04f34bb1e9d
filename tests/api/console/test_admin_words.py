"""What the administration's pages call actions and people."""

from __future__ import annotations

from api.console.pages.admin.words import action
from api.console.parts.people import person


def test_an_action_is_named_by_what_it_was_about_and_what_was_done() -> None:
    assert action("user.add", "zh") == "用户 · 新增"
    assert action("login", "zh") == "登录"
    assert action("login.failed", "zh") == "登录 · 失败"


def test_an_action_without_words_stays_as_it_is() -> None:
    assert action("user.levitate", "zh") == "user.levitate"
    assert action("weather.change", "zh") == "weather.change"
    assert action("user.add", "en") == "user.add"


def test_who_acted_is_named_by_role_and_name() -> None:
    assert person("admin:anna", "zh") == "平台管理员 anna"
    assert person("admin:anna", "en") == "admin:anna"
    assert person("system:tests", "zh") == "system:tests"


def test_what_the_platform_did_itself_is_said_so() -> None:
    assert person("sanjian", "zh") == person("system:sanjian", "zh") == "三监自动"
    assert person("system:sanjian", "en") == "Sanjian"
