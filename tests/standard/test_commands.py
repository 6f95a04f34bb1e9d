"""``sanjian standard`` and the pages that it writes."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from standard.commands import DOCS, app
from standard.docs import FILES, render
from standard.load import load

run = CliRunner().invoke


def test_the_data_dictionary_is_fresh() -> None:
    for language, name in FILES.items():
        written = (DOCS / name).read_text(encoding="utf-8")
        assert written == render(load(), language), "run: sanjian standard docs"


def test_the_dictionary_names_every_table_column_rule_and_code_set() -> None:
    for language in FILES:
        page = render(load(), language)
        for table in load().tables.values():
            assert f"## {table.name}\n" in page
            assert all(f"\n| {column.name} |" in page for column in table.columns)
            assert all(rule.generated or f"\n| {rule.id} |" in page for rule in table.rules)
        assert all(f"### {name}\n" in page for name in load().code_sets)


def test_check_says_that_the_standard_is_sound() -> None:
    result = run(app, ["check"])
    assert result.exit_code == 0
    assert "20 tables, 1008 columns" in result.output
    assert result.output.rstrip().endswith("sound")


def test_docs_check_fails_for_a_stale_page_and_docs_writes_it(tmp_path: Path) -> None:
    stale = run(app, ["docs", "--check", "--directory", str(tmp_path)])
    assert stale.exit_code == 1
    assert not list(tmp_path.iterdir())
    assert run(app, ["docs", "--directory", str(tmp_path)]).exit_code == 0
    assert run(app, ["docs", "--check", "--directory", str(tmp_path)]).exit_code == 0


def test_rules_lists_those_of_a_table_that_are_evaluated_after_landing() -> None:
    result = run(app, ["rules", "--table", "TB_MZ_SFMXB", "--scope", "store"])
    assert "SF22" in result.output
    assert "SF15" not in result.output
    assert "JS12" not in result.output


def test_unknown_tables_scopes_and_settings_are_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("late: 1\n", encoding="utf-8")
    assert run(app, ["rules", "--table", "TB_NONE"]).exit_code == 2
    assert run(app, ["rules", "--scope", "later"]).exit_code == 2
    refused = run(app, ["check", "--settings", str(own)])
    assert refused.exit_code == 2
    assert "unknown setting 'late'" in refused.output
