"""docs/settings.md, made from the settings: ``python -m sanjian.settings_page`` writes it, a test keeps it fresh."""

from __future__ import annotations

from pathlib import Path

from sanjian.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
HEAD = """# Settings 配置项

Environment variables, or lines in a file `.env` in the working directory. Unknown or unsafe values are refused at the
start with one sentence. 环境变量，或工作目录下 `.env` 文件中的行；未知或不安全的取值在启动时即被拒绝。

| variable | default | meaning |
|---|---|---|
"""


def render() -> str:
    """The page."""
    lines = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in ("", None) else f"`{field.default}`"
        lines.append(f"| `SANJIAN_{name.upper()}` | {default} | {field.description} |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
