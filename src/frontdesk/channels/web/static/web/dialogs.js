// Dialogs that only show something: a button opens one, its cross or a click outside closes it.
"use strict";

(() => {
  for (const button of document.querySelectorAll("[data-opens]"))
    button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
  for (const dialog of document.querySelectorAll("dialog:has(.dialog-head)"))
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // its backdrop
})();
