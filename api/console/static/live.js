"use strict";
/* The live monitor in the browser: takes what the pulse says (api/console/live/pulse.py) and changes only what differs. */
window.sanjianLive = (() => {
  const OLD_SECONDS = 8;  // the pulse says something every 4 seconds
  const PROBLEMS = new Set(["missing", "unknown", "partial", "late"]);
  let words, view, only = false, at = 0, came = 0, timer = 0;
  const byId = (id) => document.getElementById(id);
  const say = (zh, en) => (words.lang === "zh" ? zh : en);
  const put = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };
  const count = (value) => (value == null ? "–" : value.toLocaleString("en-US"));
  const two = (number) => String(number).padStart(2, "0");
  const made = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });
  /* Shanghai's clock, wherever the browser is: no summer time there. */
  const clock = (ms) => { const one = new Date(ms + 8 * 3600000); return `${two(one.getUTCMonth() + 1)}-${two(one.getUTCDate())} ${two(one.getUTCHours())}:${two(one.getUTCMinutes())}`; };

  function take(news) {
    words ??= JSON.parse(byId("sj-monitor").dataset.words);
    if (news.at !== at) came = performance.now();
    at = news.at;
    timer ||= setInterval(age, 1000);
    if (news.full) {
      view = news;
      calendar();
      numbers(view.numbers);
    } else if (!view) {
      return;
    } else {
      for (const [org, changed] of Object.entries(news.cells || {})) cells(org, changed, true);
      if (news.numbers) numbers(Object.assign(view.numbers, news.numbers) && news.numbers);
    }
    if (news.spark) spark(news.spark);
    if (news.feed) feed(news.feed, news.full);
    age();
  }

  function age() {
    if (!byId("sj-monitor")) { clearInterval(timer); return; }
    const seconds = Math.round((performance.now() - came) / 1000), old = seconds > OLD_SECONDS, node = byId("sj-age");
    put(node, old ? say(`数据已 ${seconds} 秒未更新`, `figures are ${seconds} s old`)
      : say(`更新于 ${clock(at).slice(6)}:${two(new Date(at).getUTCSeconds())}`, `as of ${clock(at).slice(6)}:${two(new Date(at).getUTCSeconds())}`));
    node.classList.toggle("sj-old", old);
  }

  function numbers(changed) {
    const all = view.numbers;
    for (const name of ["received", "accepted", "rejected"]) {
      put(byId(`sj-n-${name}`), count(all[name]));
      put(byId(`sj-r-${name}`), say(`${all[`${name}_rate`]} 行/秒`, `${all[`${name}_rate`]} rows/s`));
    }
    put(byId("sj-n-orgs"), `${all.reporting} / ${all.expected}`);
    put(byId("sj-r-orgs"), all.expected ? say(`${all.expected - all.reporting} 家还没有数据`, `${all.expected - all.reporting} still silent`) : say("今日没有应报机构", "nobody owes anything today"));
    put(byId("sj-n-gaps"), count(all.gaps));
    put(byId("sj-r-gaps"), say(`${all.gap_orgs} 家 · 共 ${all.cases} 条告警`, `${all.gap_orgs} inst. · ${all.cases} alerts`));
    put(byId("sj-n-anomalies"), all.anomaly_rate == null ? "–" : `${(all.anomaly_rate * 100).toFixed(2)}%`);
    put(byId("sj-r-anomalies"), say(`拒收 ${count(all.rejected)} · 警告 ${count(all.flagged)}`, `rejected ${count(all.rejected)} · flagged ${count(all.flagged)}`));
    put(byId("sj-n-lag"), all.landing_ms == null ? "–" : all.landing_ms < 1000 ? `${all.landing_ms} ms` : `${(all.landing_ms / 1000).toFixed(1)} s`);
    put(byId("sj-r-lag"), !all.clickhouse ? say("数据库无应答，显示的是最后的数字", "the database does not answer; last figures")
      : !all.broker ? say("消息队列无应答", "the broker does not answer")
      : all.waiting == null ? say("待处理 –", "waiting –") : say(`待处理 ${count(all.waiting)} 条消息`, `${count(all.waiting)} messages waiting`));
    byId("sj-n-lag").parentElement.classList.toggle("sj-alarm", !all.clickhouse || !all.broker);
    if ("gaps" in changed) byId("sj-n-gaps").parentElement.classList.toggle("sj-alarm", all.gaps > 0);
  }

  function spark(steps) {
    const most = Math.max(1, ...steps), width = 600, height = 40;
    const points = steps.map((rows, at_) => `${(at_ * width / (steps.length - 1)).toFixed(1)},${(height - rows / most * (height - 2)).toFixed(1)}`);
    byId("sj-spark-line").setAttribute("points", points.join(" "));
    byId("sj-spark-area").setAttribute("points", `0,${height} ${points.join(" ")} ${width},${height}`);
    put(byId("sj-spark-most"), say(`最高 ${count(Math.round(most / 5))} 行/秒`, `peak ${count(Math.round(most / 5))} rows/s`));
  }

  /* The calendar: a row an institution, a column a day. Cells are changed in place. */
  function calendar() {
    const head = made("tr"), body = document.createElement("tbody");
    head.append(Object.assign(made("th", "sj-cal-name", say("机构", "Institution")), { scope: "col" }));
    view.days.forEach((day, number) => {
      const th = Object.assign(made("th", "", String(Number(day.slice(8)))), { scope: "col", title: day });
      const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
      if (day === view.today) th.classList.add("sj-cal-today");
      if (weekday % 6 === 0) th.classList.add("sj-cal-weekend");
      if (number && day.endsWith("-01")) th.classList.add("sj-cal-first");
      head.append(th);
    });
    for (const [org, name, , , level, test] of view.rows) {
      const row = made("tr"), th = Object.assign(made("th", "sj-cal-name"), { scope: "row" });
      const link = Object.assign(made("a", "", name), { href: address(org), title: name });
      th.append(link);
      if (test) th.append(made("small", "sj-muted", say(" 测试", " test")));
      if (level) link.dataset.level = level;
      row.dataset.org = org;
      row.append(th);
      view.days.forEach((_, number) => {
        const cell = made("td");
        cell.dataset.day = number;
        if (view.days[number] > view.today) cell.className = "sj-cal-future";
        row.append(cell);
      });
      body.append(row);
    }
    const table = byId("sj-cal");
    table.replaceChildren(document.createElement("thead"), body);
    table.tHead.append(head);
    for (const [org, row] of Object.entries(view.cells)) cells(org, row, false);
    for (const [org] of view.rows) if (!view.cells[org]) hide(rowOf(org), org);
    const first = body.querySelector("td");
    if (first) first.tabIndex = 0;
    byId("sj-cal-none").hidden = view.rows.length > 0;
    shown();
  }
  const rowOf = (org) => byId("sj-cal").querySelector(`tr[data-org="${CSS.escape(org)}"]`);
  const address = (org) => `/orgs/${encodeURIComponent(org)}?month=${view.month}`;

  function cells(org, changed, flash) {
    const row = rowOf(org), kept = (view.cells[org] ??= {});
    if (!row) return;
    for (const [number, cell] of Object.entries(changed)) {
      const node = row.cells[Number(number) + 1];
      if (cell) kept[number] = cell; else delete kept[number];
      const state = cell && words.states[cell[0]];
      node.style.background = state ? state.colour : "";
      node.style.color = state ? state.ink : "";
      put(node, state ? state.sign : "");
      if (flash) { node.classList.remove("sj-flash"); void node.offsetWidth; node.classList.add("sj-flash"); }
      if (node === pointed) tip(node);
    }
    hide(row, org);
    if (flash) shown();
  }
  const problem = (org) => Object.values(view.cells[org] || {}).some((cell) => PROBLEMS.has(words.states[cell[0]].code));
  function hide(row, org) { row.hidden = only && !problem(org); }
  function problems(wanted) {
    only = wanted;
    if (!view) return;
    for (const [org] of view.rows) hide(rowOf(org), org);
    shown();
  }
  function shown() {
    const rows = view.rows.length, seen = only ? view.rows.filter(([org]) => problem(org)).length : rows;
    put(byId("sj-cal-count"), only ? say(`${seen} / ${rows} 家机构有问题`, `${seen} of ${rows} institutions have problems`) : say(`${rows} 家机构`, rows === 1 ? "1 institution" : `${rows} institutions`));
  }

  /* What a cell says when one points at it or goes there with the keys. */
  let pointed = null;
  function text(node) {
    const org = node.parentElement.dataset.org, number = node.dataset.day, cell = (view.cells[org] || {})[number];
    const name = view.rows.find(([code]) => code === org)[1], lines = [name, view.days[number]];
    if (!cell) return [...lines, say("没有数据", "nothing came")];
    const [state, received, accepted, rejected, flagged, due, tables, owed] = cell;
    lines.push(`${words.states[state].sign} ${words.states[state].name}` + (tables ? say(`（${tables} 张表）`, ` (${tables} tables)`) : ""));
    lines.push(say(`接收 ${count(received)} · 入库 ${count(accepted)} · 拒收 ${count(rejected)} · 警告 ${count(flagged)}`, `received ${count(received)} · accepted ${count(accepted)} · rejected ${count(rejected)} · flagged ${count(flagged)}`));
    if (owed) lines.push(say(`应报 ${owed} 张表`, `${owed} tables expected`) + (due ? say(`，截止 ${clock(due * 1000)}`, `, due ${clock(due * 1000)}`) : ""));
    return lines;
  }
  function tip(node) {
    pointed = node;
    const box = byId("sj-tip"), lines = text(node), place = node.getBoundingClientRect();
    box.replaceChildren(...lines.map((line, number) => made("div", number ? "" : "sj-strong", line)));
    node.setAttribute("aria-label", lines.join("，"));
    box.hidden = false;
    box.style.left = `${Math.max(4, Math.min(place.left, innerWidth - box.offsetWidth - 8))}px`;
    box.style.top = `${place.bottom + box.offsetHeight + 8 > innerHeight ? place.top - box.offsetHeight - 4 : place.bottom + 4}px`;
  }
  function untip() { pointed = null; byId("sj-tip").hidden = true; }
  const cellOf = (event) => event.target.closest?.("#sj-cal td");
  document.addEventListener("pointerover", (event) => { const cell = cellOf(event); if (cell) tip(cell); else if (pointed) untip(); });
  document.addEventListener("focusin", (event) => { const cell = cellOf(event); if (cell) tip(cell); else if (pointed) untip(); });
  document.addEventListener("click", (event) => { const cell = cellOf(event); if (cell) go(cell); });
  function go(cell) { location.assign(`${address(cell.parentElement.dataset.org)}&day=${view.days[cell.dataset.day]}`); }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") untip(); });

  /* Alerts, newest first. Those that are there already keep their place in the page, so that nothing flickers. */
  function feed(list, first) {
    const place = byId("sj-feed"), known = new Map([...place.children].map((node) => [node.dataset.id, node]));
    const wanted = list.map((line) => {
      const text_ = JSON.stringify(line), old = known.get(line[0]);
      if (old && old.dataset.text === text_) return old;
      const node = entry(line);
      node.dataset.text = text_;
      if (!first) node.classList.add("sj-new");
      return node;
    });
    wanted.forEach((node, number) => { if (place.children[number] !== node) place.insertBefore(node, place.children[number] || null); });
    while (place.children.length > wanted.length) place.lastChild.remove();
    byId("sj-feed-none").hidden = list.length > 0;
  }
  function entry([id, severity, kind, state, , name, table, zh, en, when]) {
    const item = made("li", "sj-alert"), link = Object.assign(document.createElement("a"), { href: `/alerts/${encodeURIComponent(id)}` });
    const look = words.severities[severity] || { sign: "●", colour: "#7b868f", ink: "#fff", name: severity };
    const sign = Object.assign(made("span", "sj-sign", look.sign), { title: look.name });
    sign.style.background = look.colour;
    sign.style.color = look.ink;
    const head = made("div", "sj-alert-head");
    head.append(sign, made("b", "", words.kinds[kind] || kind), made("time", "sj-muted", clock(when)));
    if (words.cases[state] && state !== "open") head.append(made("span", "sj-muted", words.cases[state]));
    link.append(head, made("div", "sj-alert-org", [name, table].filter(Boolean).join(" · ")), made("div", "sj-alert-text", say(zh, en)));
    item.dataset.id = id;
    item.append(link);
    return item;
  }
  return { take, problems };
})();
