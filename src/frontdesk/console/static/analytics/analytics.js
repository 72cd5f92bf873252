// The analytics pages: menus that close, and printing. Loaded after console.js.
"use strict";

(() => {
  const openMenus = () => document.querySelectorAll("details[data-menu][open]");

  document.addEventListener("click", (event) => {
    openMenus().forEach((menu) => menu.contains(event.target) || (menu.open = false));
    if (event.target.closest("[data-print]")) print();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    openMenus().forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // Collapsed details are expanded for printing.
  const opened = [];

  addEventListener("beforeprint", () => {
    const folded = document.querySelectorAll("#analytics details.numbers:not([open])");
    folded.forEach((details) => opened.push(details) && (details.open = true));
  });

  addEventListener("afterprint", () => {
    opened.splice(0).forEach((details) => (details.open = false));
  });
})();
