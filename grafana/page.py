"""docs/boards.md, written from the boards: ``python -m grafana.page``; a test tells when it is stale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grafana.alerting import RULES
from grafana.catalogue import BOARDS
from grafana.grants import statements
from grafana.model import Board, Panel

PAGE = Path(__file__).parents[1] / "docs" / "boards.md"
HEAD = """\
# 看板与告警规则 Boards and alert rules

由 `python -m grafana.page` 生成。This page is written by `python -m grafana.page`; queries are files
`grafana/queries/<name>.sql` (or `clickhouse/queries/<name>.sql`), the same that API, console and watch run.

Eight boards for regulators and operators, as code in the package `grafana/`. The repository holds what it gives:
`grafana/boards/*.json` and `grafana/provisioning/` (data sources, where boards lie, alert rules, contact point,
policy). A container of Grafana mounts both (`/etc/grafana/provisioning`, `/var/lib/grafana/boards`); a Grafana that is
there already gets the same by HTTP:

```
sanjian grafana render [--check]          # write the files; --check: are they as the code says?
sanjian grafana push [--diff] [--overwrite]
sanjian grafana pull [--out DIR]          # what people have changed in the browser, as a diff against the repository
```

`push` needs `SANJIAN_GRAFANA_URL`, `SANJIAN_GRAFANA_TOKEN` (a service account with role Admin; or `…_USER` and
`…_PASSWORD`) and, where Grafana has no data source yet, `SANJIAN_GRAFANA_CLICKHOUSE`. It looks first and writes only
what differs, so it may be repeated after any failure. A board that somebody changed in the browser is left alone until
`--overwrite`; `pull` shows the change, and whoever keeps it puts it into the code. It needs Grafana 10 or newer and the
plugin `grafana-clickhouse-datasource` 4.

- **Data source** `sanjian-clickhouse`: a user of ClickHouse that can only read (below). Whoever may see a board may ask
  this user anything, so it is given the tables that boards read and nothing else: no raw rows, no values of patients.
- **Choices** 地区、级别、类型、机构、标准表 may have several values; "全部" is no filter. Days and months are those of
  Shanghai.
- **Test institutions** are in no total; only the load of the pipeline counts them.
- **Colours** are those of the console: green good, orange look, red act.
- Figures are those of the API: a test compares them, and runs every query on a simulated month.

| 变量 in the container | |
|---|---|
| `CLICKHOUSE_HOST`, `CLICKHOUSE_PORT` (native), `CLICKHOUSE_DATABASE`, `CLICKHOUSE_USER` | data source |
| `PROMETHEUS_URL` | optional; the boards work without |
| `SANJIAN_URL`, `SANJIAN_WEBHOOK_CLIENT` | where alerts go, and the client's id |
| `/run/secrets/clickhouse_grafana_password`, `/run/secrets/grafana_webhook_secret` | files |

"""
ALERTS = """\
## 告警规则 Alert rules

They are about the whole province and our own pipeline; institutions are watched by Sanjian itself (`docs/watch.md`).
Grafana asks every minute and posts to `/api/v1/grafana/alerts` with id and secret of a client of the role operator for
every institution (`sanjian client add --role operator --scope 000000`). There each alert is a case of kind `grafana`
(`docs/alerts.md`): the same one again (fingerprint and start) is no news, its end closes the case.

| 规则 | uid | query | 条件 | 级别 | 处理 |
|---|---|---|---|---|---|
"""
USER = """
## 只读用户 The user that can only read

The plugin sets `max_execution_time` with each query, so that one setting is changeable; every other one is not.

"""


def render() -> str:
    """The page."""
    lines = [line for board in BOARDS for line in _board(board)]
    rules = [
        f"| {rule.zh} | `{rule.uid}` | `{rule.query}` | > {rule.above:g}，持续 {rule.lasts} | {rule.severity} "
        f"| {rule.fix_zh} |"
        for rule in RULES
    ]
    user = USER + "```sql\n" + "\n".join(statements()) + "\n```\n"
    return HEAD + "\n".join(lines) + "\n" + ALERTS + "\n".join(rules) + "\n" + user


def _board(board: Board) -> Iterator[str]:
    yield f"## {board.title}"
    yield ""
    chosen = "、".join(variable.zh for variable in board.variables) or "无"
    yield f"`{board.uid}` · {board.description} 可选：{chosen}。刷新：{board.refresh or '手动'}。"
    yield ""
    yield "| 面板 | query | 内容 | 变红时 |"
    yield "|---|---|---|---|"
    for panel in board.panels:
        query = f"`{panel.query}`" if isinstance(panel, Panel) else "Prometheus"
        yield f"| {panel.title} | {query} | {panel.description} | {panel.red} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
