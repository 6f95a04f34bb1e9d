"use strict";
/* What a page does in the browser itself: language, leaving, menu, fetching files. Nothing here decides anything. */
window.sanjian = (() => {
  const cookie = (name) => (document.cookie.match(`(?:^|; )${name}=([^;]*)`) || [])[1];
  const zh = () => cookie("sanjian_lang") !== "en";
  const say = (a, b) => (zh() ? a : b);

  function language() {
    document.cookie = `sanjian_lang=${zh() ? "en" : "zh"}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
  }
  async function token() {
    const answer = await fetch("/api/v1/me");
    return answer.ok ? (await answer.json()).csrf_token : "";
  }
  async function logout() {
    await fetch("/api/v1/session", { method: "DELETE", headers: { "X-CSRF-Token": await token() } });
    location.assign("/login");
  }

  /* A box at the lower edge with how far a file is; an export of a year takes a while. */
  function box() {
    const made = document.createElement("div");
    made.setAttribute("role", "status");
    made.style.cssText = "position:fixed;right:16px;bottom:16px;background:#083f60;color:#fff;padding:10px 16px;border-radius:6px;z-index:9000;box-shadow:0 4px 16px #0006;max-width:420px;white-space:pre-line";
    document.body.append(made);
    return made;
  }
  const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);
  async function download(address) {
    const shown = box(), begun = Date.now();
    shown.textContent = say("正在生成文件…", "Making the file…");
    const ticking = setInterval(() => {
      shown.textContent = say("正在生成文件…", "Making the file…") + ` ${Math.round((Date.now() - begun) / 1000)} s`;
    }, 1000);
    try {
      const answer = await fetch(address);
      clearInterval(ticking);
      if (!answer.ok) throw (await answer.json()).error;
      const whole = Number(answer.headers.get("content-length")), parts = [], reader = answer.body.getReader();
      for (let done = 0, piece = await reader.read(); !piece.done; piece = await reader.read()) {
        parts.push(piece.value);
        done += piece.value.length;
        shown.textContent = say("正在下载 ", "Downloading ") + size(done) + (whole ? ` / ${size(whole)}` : "");
      }
      const said = answer.headers.get("content-disposition") || "";
      const name = decodeURIComponent((said.match(/filename\*=UTF-8''([^;]+)/) || said.match(/filename="?([^";]+)/) || [, "sanjian"])[1]);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(parts, { type: answer.headers.get("content-type") }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      shown.textContent = say("已下载：", "Downloaded: ") + name;
    } catch (error) {
      clearInterval(ticking);
      shown.style.background = "#b34700";
      shown.textContent = error?.message_zh ? say(error.message_zh, error.message_en) + `\n${error.hint || ""}` : say("下载失败，请检查网络后重试。", "The download failed; check the network and try again.");
    }
    setTimeout(() => shown.remove(), 6000);
  }
  /* Tells the page when it is looked at again. */
  let listening = false;
  function back() {
    if (listening) return;
    listening = true;
    document.addEventListener("visibilitychange", () => { if (!document.hidden) emitEvent("sanjian_back"); });
  }
  /* Tells the page that something was raised, or done about an alert; several at once are told once. After a break the
     cursor brings what was missed. */
  let heard = null;
  function listen() {
    if (heard) return;
    let cursor = "", told = 0, pause = 1000;
    const tell = () => { told = 0; emitEvent("sanjian_news"); };
    (function open() {
      const address = `${location.origin.replace(/^http/, "ws")}/api/v1/alerts`;
      heard = new WebSocket(cursor ? `${address}?cursor=${encodeURIComponent(cursor)}` : address);
      heard.onmessage = (event) => {
        const said = JSON.parse(event.data);
        cursor = said.cursor || cursor;
        pause = 1000;
        if (said.kind === "heartbeat" || (said.kind === "hello" && said.recovered !== false)) return;
        told = told || setTimeout(tell, 400);
      };
      heard.onclose = (event) => {
        if (event.code === 4401) return location.reload(); // nobody is logged in any more: to the login
        if (event.code === 4403) return;
        setTimeout(open, pause);
        pause = Math.min(pause * 2, 60000);
      };
    })();
  }
  /* A name for those who cannot see it: Quasar gives its place for files none. */
  function name(id, text, tries = 20) {
    const field = document.querySelector(`#${id} input[type=file]`);
    if (field) for (const one of [field, field.closest(".q-btn")]) one?.setAttribute("aria-label", text);
    else if (tries) setTimeout(() => name(id, text, tries - 1), 200);
  }
  /* The header says when the page has lost its connection; NiceGUI's own box about it is not shown (console.css). */
  function connection() {
    if (!window.socket) return setTimeout(connection, 200);
    const said = (lost) => {
      const node = document.getElementById("sj-live");
      if (!node) return;
      node.textContent = lost ? say("连接中断，正在重连…", "Connection lost, reconnecting…") : "";
      node.classList.toggle("bad", lost);
    };
    window.socket.on("connect", () => said(false));
    window.socket.on("disconnect", () => said(true));
  }
  connection();
  return { language, logout, download, back, listen, name, say };
})();
