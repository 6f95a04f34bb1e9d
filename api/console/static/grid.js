"use strict";
/* Calendars by keyboard: one cell of the table is reached with Tab, arrows go on from there, Enter chooses. */
(() => {
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.(".sj-cal td");
    if (!cell) return;
    if (event.key === "Enter") return cell.click();
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...cell.closest("tbody").rows].filter((row) => !row.hidden);
    const next = rows[rows.indexOf(cell.parentElement) + step[0]]?.cells[cell.cellIndex + step[1]];
    if (next?.tagName !== "TD") return;
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
})();
