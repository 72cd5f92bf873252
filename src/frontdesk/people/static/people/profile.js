// What a profile adds to console.js: reading the charts cell by cell.
"use strict";

(() => {
  // --- charts: the words of the cell that is pointed at, or reached by arrow keys -------------

  const cellsOf = (map) => [...map.querySelectorAll("[data-cell]")];

  function show(map, cell) {
    map.querySelector(".is-at")?.classList.remove("is-at");
    cell?.classList.add("is-at");
    const details = map.closest(".chart").querySelector("[data-details]");
    details.textContent = cell ? cell.querySelector("title").textContent : "\u00a0";
  }

  function move(event) {
    const map = event.target.closest?.("[data-map]");
    if (!map) return;
    const [across, down] = map.dataset.map.split(",").map(Number);
    const steps = { ArrowLeft: -across, ArrowRight: across, ArrowUp: -down, ArrowDown: down };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault(); // or the page scrolls
    const cells = cellsOf(map);
    const at = cells.indexOf(map.querySelector(".is-at"));
    const next = cells[at < 0 ? cells.length - 1 : at + step] ?? cells[at];
    show(map, next);
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  document.addEventListener("keydown", move);

  document.addEventListener("pointerover", (event) => {
    const cell = event.target.closest?.("[data-cell]");
    if (cell) show(cell.closest("[data-map]"), cell);
  });

  document.addEventListener("focusout", (event) => {
    if (event.target.matches("[data-map]")) show(event.target, null);
  });

  // --- the act that leads to the box for notes --------------------------------------------------

  document.addEventListener("click", (event) => {
    if (!event.target.closest('a[href="#note-text"]')) return;
    event.preventDefault();
    document.getElementById("note-text").focus();
  });
})();
