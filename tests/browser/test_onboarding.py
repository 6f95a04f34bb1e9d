"""Joining: a test institution is made, its tester watches the checklist turn green, applies, and is approved."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import orjson

from api.accounts.principal import Assignment
from standard.model import MapKind
from tests.browser.site import Site
from tests.browser.window import Window
from tests.stack.server import ROOT, SECONDS
from tests.stack.test_onboarding import begins_earlier

FORMAL = "123701024955700014A001"
DIALOG = ".sj-dialog button"


def test_a_tester_sends_until_the_checklist_is_green_and_is_approved(
    window: Window, site: Site, tmp_path: Path
) -> None:
    window.login(site.people["admin"], then="/onboarding")
    window.click("建立测试机构")
    for label, text in (
        ("机构名称", "历城区示范医院"), ("正式机构代码", FORMAL), ("市代码", "370100"), ("县区代码", "370112"),
    ):  # fmt: skip
        window.type(label, text)
    window.click("保存", DIALOG)
    window.see("密钥只显示这一次", "sjc_", "sjs_")
    window.gone("机构名称")  # the form has closed, the secret is still there
    window.shot("onboarding-secret")
    client, secret = (one.text for one in window.driver.find_elements("css selector", ".sj-secret"))
    known = site.http.get("/api/v1/onboarding").json()["onboardings"]
    org = next(one["org"] for one in known if one["formal"] == FORMAL)
    credentials = tmp_path / "client.json"
    credentials.write_bytes(orjson.dumps({"client_id": client, "client_secret": secret}))
    threshold = {"org": org, "table": "*", "name": "onboarding_days", "value": 2}
    site.http.put("/api/v1/thresholds", json={"entries": [threshold]}).raise_for_status()

    name = site.person("tao", Assignment("tester", org=org))
    window.driver.delete_all_cookies()
    window.login(name, then=f"/onboarding/{org}")
    window.see("接入清单", "0 / 6 项满足", "清单全部满足后可以申请", "还没有收到数据")
    assert secret not in window.driver.page_source
    window.see(f"--org {org}")
    begins_earlier(site.http, org)
    simulated = ["simulate", "--scenario", "clean", "--org", org, "--days", "2", "--volume", "0.2", "--quiet"]
    command(*simulated, "--dry-run", "--maps-out", str(tmp_path / "maps"))
    for kind in get_args(MapKind):
        table = (tmp_path / "maps" / f"{org}-{kind}.csv").read_bytes()
        site.http.post(f"/api/v1/codemaps/{org}/{kind}/import", content=table).raise_for_status()
    command(*simulated, "--to", site.url, "--credentials", str(credentials))
    window.see("6 / 6 项满足", "可申请正式接入", "100.00%")  # without a reload
    window.shot("onboarding")
    window.click("申请正式接入")
    window.type("说明", "测试完成")
    window.click("保存", DIALOG)
    window.see("已申请")

    window.driver.delete_all_cookies()
    window.login(site.people["admin"], then=f"/onboarding/{org}")
    window.click("批准", ".sj-act")
    window.click("保存", DIALOG)
    window.see("已批准", "正式上传从")
    orgs = {one["org"]: one for one in site.http.get("/api/v1/orgs").json()["orgs"]}
    assert (orgs[FORMAL]["test"], orgs[FORMAL]["active"]) == (False, True)


def command(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "sanjian", *arguments], cwd=ROOT, check=True, timeout=SECONDS,
                   stdout=subprocess.DEVNULL)  # fmt: skip
