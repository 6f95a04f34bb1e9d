"use strict";
/* Login, registration, change of password: forms of their own, so that a password goes to the API and nowhere else. */
(() => {
  const zh = !/(?:^|; )sanjian_lang=en/.test(document.cookie);
  const form = document.querySelector("form"), said = document.querySelector("[role=alert]");
  const next = new URLSearchParams(location.search).get("next") || "/";
  document.documentElement.lang = zh ? "zh-CN" : "en";
  document.querySelectorAll("[data-en]").forEach((node) => {
    const text = document.createTextNode(zh ? node.dataset.zh : node.dataset.en);
    node.prepend(text);
    if (node.tagName === "TITLE") document.title = text.data;
  });
  document.querySelector("#language").addEventListener("click", () => {
    document.cookie = `sanjian_lang=${zh ? "en" : "zh"}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
  });
  const safe = (address) => (/^\/(?![/\\])/.test(address) ? address : "/");  // never to another site

  async function call(method, path, body, csrf = "") {
    const headers = { "Content-Type": "application/json", ...(csrf && { "X-CSRF-Token": csrf }) };
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    const content = answer.status === 204 ? {} : await answer.json();
    if (!answer.ok) throw content.error;
    return content;
  }
  const fields = () => Object.fromEntries(new FormData(form));
  const doors = {
    async login() {
      const me = await call("POST", "/api/v1/session", fields());
      location.assign(me.must_change ? `/password?next=${encodeURIComponent(safe(next))}` : safe(next));
    },
    async password() {
      const { old, fresh, again } = fields();
      if (fresh !== again) throw { message_zh: "两次输入的新密码不一致", message_en: "The new passwords differ" };
      const me = await call("GET", "/api/v1/me");
      await call("POST", "/api/v1/me/password", { old, new: fresh }, me.csrf_token);
      location.assign(safe(next));
    },
    async register() {
      const { role, place, ...asked } = fields();
      const at = role === "hospital" ? { org: place } : role === "tester" ? {} : { scope: place };
      await call("POST", "/api/v1/registrations", { role, ...at, ...asked });
      form.hidden = true;
      document.querySelector("#asked").hidden = false;
    },
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    said.textContent = "";
    try {
      await doors[form.dataset.door]();
    } catch (error) {
      const lines = [zh ? error.message_zh : error.message_en, error.hint, ...(error.fields || []).map((one) => one.message)];
      said.textContent = error.message_zh ? lines.filter(Boolean).join("\n") : zh ? "连接不上服务，请稍后重试。" : "The service cannot be reached; try again.";
    } finally {
      button.disabled = false;
    }
  });
  const role = document.querySelector("[name=role]");
  role?.addEventListener("change", () => { document.querySelector("#place").hidden = role.value === "tester"; });
  if (form.dataset.door === "password") call("GET", "/api/v1/me").then(
    (me) => { document.querySelector("#first").hidden = !me.must_change; },
    () => location.assign("/login?next=/password"),
  );
})();
