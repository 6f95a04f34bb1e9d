"use strict";
/* Hands in a file piece by piece, from where it stopped, and follows a submission. The page decides; this only carries. */
window.sanjianFiles = (() => {
  const LATER = [408, 429], LONGEST = 30000;
  let file = null, stopped = true, run = 0, socket = null;
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  /* A place for a file: chosen by a click or the keyboard, or dropped. */
  function place(tries = 40) {
    const field = document.getElementById("sj-file"), drop = document.getElementById("sj-drop");
    if (!field) return tries && setTimeout(() => place(tries - 1), 100);
    const take = (chosen) => {
      if (!chosen) return;
      file = chosen;
      document.getElementById("sj-file-name").textContent = chosen.name;
      emitEvent("sj_file", { name: chosen.name, size: chosen.size });
    };
    field.addEventListener("change", () => take(field.files[0]));
    for (const kind of ["dragover", "dragleave", "drop"]) drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("sj-drop-over", kind === "dragover");
      if (kind === "drop") take(event.dataTransfer.files[0]);
    });
    take(field.files[0]); // chosen before anybody listened
  }
  async function arrived(id) {
    const answer = await fetch(`/api/v1/submissions/${id}/file`);
    if (!answer.ok) throw answer;
    return (await answer.json()).offset;
  }
  /* Sends what is still to come. A lost connection is waited for; what the service refuses is told to the page. */
  async function send(id, piece, token) {
    if (!file) return emitEvent("sj_no_file", {});
    const mine = ++run;
    stopped = false;
    for (let pause = 1000, offset = -1; !stopped && mine === run; ) {
      try {
        if (offset < 0) offset = await arrived(id);
        if (offset >= file.size) break;
        const answer = await fetch(`/api/v1/submissions/${id}/file`, {
          method: "PUT", body: file.slice(offset, offset + piece),
          headers: { "Upload-Offset": String(offset), "X-CSRF-Token": token, "Content-Type": "application/octet-stream" },
        });
        const said = await answer.json();
        if (answer.ok) offset = said.offset;
        else if (answer.status === 409 && Number.isInteger(said.error?.offset)) offset = said.error.offset;
        else if (LATER.includes(answer.status) || answer.status >= 500) throw answer;
        else { stopped = true; return emitEvent("sj_refused", said.error || {}); }
        pause = 1000;
        emitEvent("sj_sent", { offset, size: file.size, lost: false });
      } catch (error) {
        emitEvent("sj_sent", { offset, size: file.size, lost: true });
        await wait(pause);
        pause = Math.min(pause * 2, LONGEST);
        offset = -1;
      }
    }
    if (!stopped && mine === run) { stopped = true; emitEvent("sj_whole", {}); }
  }
  function stop() { stopped = true; }
  function sending() { return !stopped; }

  /* Each frame is the submission as it stands; the service closes when it has ended. */
  function follow(id) {
    if (socket) return;
    let pause = 1000;
    (function open() {
      socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/submissions/${id}/live`);
      socket.onmessage = (event) => { pause = 1000; emitEvent("sj_step", JSON.parse(event.data)); };
      socket.onclose = (event) => {
        if (event.code === 4401) return location.reload();
        if (event.code === 1000 || event.code === 4403 || event.code === 4404) { socket = null; return; }
        setTimeout(open, pause);
        pause = Math.min(pause * 2, LONGEST);
      };
    })();
  }
  window.addEventListener("beforeunload", (event) => { if (!stopped) event.preventDefault(); });
  return { place, send, stop, sending, follow };
})();
