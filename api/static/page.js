"use strict";
/* The first page: asks once a second and changes only what changed, so nothing flickers. All text goes in as text. */
const COUNTS = ["received", "accepted", "rejected", "flagged", "unreadable", "findings", "alerts"];
const EVERY_MS = 1000;
const byId = (id) => document.getElementById(id);
let language = localStorage.getItem("language") === "en" ? "en" : "zh";
let last = null, detail = null, me = null, connected = true, tables = {};

const t = (key, values = {}) => Object.entries(values).reduce((s, [k, v]) => s.replace(`{${k}}`, v), TEXT[language][key]);
const number = (n) => (n === null || n === undefined ? "–" : n.toLocaleString("en-US"));
const percent = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(part && part * 1000 < whole ? 2 : 1)}%` : "–");

function put(node, text) { if (node.textContent !== text) node.textContent = text; }
function el(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}
/* Replace the children only when what they show is new. */
function fill(parent, key, make) {
  if (parent.dataset.key === key) return;
  parent.dataset.key = key;
  parent.replaceChildren(...make());
}
function row(...cells) {
  const tr = el("tr");
  cells.forEach((text) => tr.append(el("td", "", text)));
  return tr;
}

function totals() {
  const parent = byId("totals");
  fill(parent, language, () => COUNTS.map((name) => {
    const box = el("div", `total ${name}_n`);
    box.append(el("h3", "", t("today", { what: t(`${name}_n`) })), el("b"), el("small"));
    return box;
  }));
  COUNTS.forEach((name, at) => {
    const box = parent.children[at];
    put(box.children[1], number(last.today[name]));
    put(box.children[2], t("total", { n: number(last.total[name]) }));
    box.classList.toggle("zero", !last.today[name]);
  });
}
function spark() {
  const values = last.throughput, top = Math.max(1, ...values), step = 300 / (values.length - 1);
  const points = values.map((v, at) => `${(at * step).toFixed(1)},${(54 - (50 * v) / top).toFixed(1)}`).join(" L");
  byId("line").setAttribute("d", `M${points}`);
  byId("area").setAttribute("d", `M0,56 L${points} L300,56 Z`);
  const recent = values.slice(-3).reduce((a, b) => a + b, 0) / 30;  // three steps of ten seconds
  put(byId("rate"), `${number(Math.round(recent))} ${t("persecond")}`);
}
function partitions() {
  const lines = [["partition", "partition"], ["newest", "newest_offset"], ["landed", "ledger_offset"], ["lagword", "lag"]];
  fill(byId("partitions"), JSON.stringify([language, last.partitions]), () => lines.map(([text, field]) => {
    const tr = row(t(text), ...last.partitions.map((p) => number(p[field])));
    if (field === "lag") last.partitions.forEach((p, at) => tr.children[at + 1].classList.toggle("warn", p.lag > 0));
    return tr;
  }));
  put(byId("lag"), last.lag === null ? "" : last.lag ? t("lagsome", { n: number(last.lag) }) : t("lagnone"));
  const held = last.broker_memory_bytes === null ? "–" : `${number(Math.round(last.broker_memory_bytes / 1048576))} MB`;
  put(byId("broker"), last.embedded_broker ? t("broker", { n: held }) : t("external"));
}
function state() {
  const parts = connected
    ? [["clickhouse", last.clickhouse_answers], ["broker", last.broker_answers]] : [];
  if (connected && last.worker.here) parts.push(["worker", last.worker.running && last.worker.progressing]);
  fill(byId("state"), JSON.stringify([language, connected, parts]), () => {
    const shown = connected ? parts.map(([name, on]) => [t(`${name}_${on ? "on" : "off"}`), on]) : [[t("offline"), false]];
    return shown.map(([text, on]) => {
      const span = el("span", on ? "" : "off");
      span.append(el("i"), text);
      return span;
    });
  });
}
function orgName(code) {
  const known = ((detail || last).orgs || []).find((o) => o.org === code);
  return known && known.name ? known.name : code || t("nosender");
}
function rule(r) {
  const p = el("p", `rule ${r.severity}`);
  p.append(`${r[language]} `, el("span", r.severity === "error" ? "bad" : "warn", `${number(r.rows)} ${t("rows")}`));
  const fix = r[`fix_${language}`];
  if (fix) p.append(el("span", "fix", `→ ${fix}`));
  return p;
}
function alert(a) {
  const li = el("li"), head = el("div", "head"), time = el("time", "", (a.raised_at || "").slice(11, 19));
  time.dateTime = a.raised_at;
  const name = el("b", "", a.case && !a.org ? t("ours") : orgName(a.org));
  name.title = a.org;
  const n = a.case ? t(a.case.state === "resolved" ? "case_resolved" : `case_${a.kind}`)
    : a.kind === "unreadable" ? t("unreadablerows")
    : t("rejectedrows", { n: number(a.counts.rejected), m: number(a.counts.received) });
  const table = el("span", "table", (tables[a.table] || {})[`name_${language}`] || a.table);
  table.title = a.table;
  head.append(time, name, table, el("span", `n ${a.severity === "error" ? "bad" : "warn"}`, n));
  li.append(head);
  if (a.case) {
    const text = el("p", `rule ${a.severity}`, a[language]), fix = a[`fix_${language}`];
    if (fix && a.case.state !== "resolved") text.append(el("span", "fix", `→ ${fix}`));
    li.append(text);
  }
  const rules = [...(a.rules || [])].sort((x, y) => (x.severity > y.severity) - (x.severity < y.severity) || y.rows - x.rows);
  rules.slice(0, 2).forEach((r) => li.append(rule(r)));
  if (a.unreadable) li.append(el("p", "rule", a.unreadable[`detail_${language}`] || a.unreadable.reason));
  const example = (a.examples || [])[0];
  if (example) {
    const column = (language === "zh" && example.column_zh) || example.column;
    li.append(el("div", "more", t("example", { row: example.row, column, value: example.value })));
  }
  if (rules.length > 2) li.append(el("div", "more", t("rejection_more", { n: rules.length - 2 })));
  return li;
}
function details() {
  const shown = detail || (last.demo ? last : null);
  byId("login").hidden = Boolean(shown) && !(me && me.must_change);
  byId("orgcard").hidden = !shown;
  put(byId("alertsnote"), last.demo && !detail ? t("demo") : "");
  const alerts = shown ? shown.alerts || [] : [], orgs = shown ? shown.orgs || [] : [];
  fill(byId("alerts"), language + alerts.map((a) => a.id).join() + orgs.length + Boolean(shown), () =>
    alerts.length || !shown ? alerts.map(alert) : [el("li", "empty", t("noalerts"))]);
  put(byId("orgcount"), t("orgcount", { n: orgs.length }));
  fill(byId("orgs"), JSON.stringify([language, orgs]), () => orgs.slice(0, 100).map((o) => {
    const tr = row(o.name || o.org || t("nosender"), number(o.received_today), number(o.received), percent(o.rejected, o.received), percent(o.flagged, o.accepted));
    tr.firstChild.title = o.org;
    return tr;
  }));
}
function draw() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.querySelectorAll("[data-t]").forEach((node) => put(node, t(node.dataset.t)));
  put(byId("language"), t("other"));
  if (!last) return;
  totals(); spark(); partitions(); state(); details();
  put(byId("version"), `Sanjian ${last.version}`);
  put(byId("at"), t("at", { t: last.at.slice(0, 19).replace("T", " ") }));
}

async function ask(url, method = "GET", body = null) {
  const headers = { ...(body && { "Content-Type": "application/json" }), ...(me && { "X-CSRF-Token": me.csrf_token }) };
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  const said = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw Object.assign(new Error(url), { status: answer.status, said: said.error });
  return said;
}
function loggedIn(who) {
  me = who;
  if (!who || !who.must_change) ["password", "newpassword"].forEach((id) => { byId(id).value = ""; });
  byId("logout").hidden = !who;
  byId("newlabel").hidden = !(who && who.must_change);
  byId("logintext").dataset.t = who && who.must_change ? "mustchange" : "needlogin";
  put(byId("loginerror"), "");
  if (!who) detail = null;
}
async function look() {
  try {
    last = await ask("/api/v1/public/summary");
    if (!Object.keys(tables).length) {
      tables = Object.fromEntries((await ask("/api/v1/public/tables")).tables.map((one) => [one.table, one]));
    }
    connected = true;
    if (me && !me.must_change) {
      const [alerts, orgs] = await Promise.all([ask("/api/v1/alerts?limit=20"), ask("/api/v1/orgs/totals")]);
      detail = { alerts: alerts.alerts, orgs: orgs.orgs };
    }
  } catch (error) {
    if (error.status === 401) loggedIn(null);
    else if (!error.status) connected = false;
  }
  draw();
}
byId("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    if (me && me.must_change) {
      const changed = { old: byId("password").value, new: byId("newpassword").value };
      loggedIn(await ask("/api/v1/me/password", "POST", changed));
    } else {
      loggedIn(await ask("/api/v1/session", "POST", { name: byId("name").value, password: byId("password").value }));
    }
    await look();
  } catch (error) {
    put(byId("loginerror"), error.said ? error.said[`message_${language}`] : t("offline"));
  }
});
byId("logout").addEventListener("click", async () => {
  await ask("/api/v1/session", "DELETE").catch(() => null);
  loggedIn(null);
  look();
});
byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  draw();
});
draw();
(async function forever() {
  loggedIn(await ask("/api/v1/me").catch(() => null));  // still logged in from before
  for (;;) {
    if (!document.hidden || !last) await look();
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
})();
