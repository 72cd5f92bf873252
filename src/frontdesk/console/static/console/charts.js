// Charts that the server draws as SVG, read cell by cell. `data-map="across,down"` says how many cells
// away the next one is in each direction. Enter opens a cell that is a link.
"use strict";

(() => {
  const cellsOf = (map) => [...map.querySelectorAll("[data-cell]")];

  // Shows the text of the cell under the pointer, or of the cell reached with the arrow keys.
  function show(map, cell) {
    map.querySelector(".is-at")?.classList.remove("is-at");
    cell?.classList.add("is-at");
    const details = map.closest(".chart").querySelector("[data-details]");
    details.textContent = cell ? cell.querySelector("title").textContent : "\u00a0";
  }

  function open(cell) {
    const address = cell?.getAttribute("href");
    if (address) location.assign(address);
  }

  document.addEventListener("keydown", (event) => {
    const map = event.target.closest?.("[data-map]");
    if (!map) return;
    const [across, down] = map.dataset.map.split(",").map(Number);
    const steps = { ArrowLeft: -across, ArrowRight: across, ArrowUp: -down, ArrowDown: down };
    const step = steps[event.key];
    const cells = cellsOf(map);
    const at = cells.indexOf(map.querySelector(".is-at"));
    if (event.key === "Enter") open(cells[at]);
    if (!step) return;
    event.preventDefault(); // or the page would scroll
    const next = cells[at < 0 ? cells.length - 1 : at + step] ?? cells[at];
    show(map, next);
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  document.addEventListener("pointerover", (event) => {
    const cell = event.target.closest?.("[data-cell]");
    if (cell) show(cell.closest("[data-map]"), cell);
  });

  document.addEventListener("focusout", (event) => {
    if (event.target.matches("[data-map]")) show(event.target, null);
  });
})();
