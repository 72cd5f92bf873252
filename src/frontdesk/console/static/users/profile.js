// What a profile adds to console.js.
"use strict";

(() => {
  // --- the act that leads to the box for notes --------------------------------------------------

  document.addEventListener("click", (event) => {
    if (!event.target.closest('a[href="#note-text"]')) return;
    event.preventDefault();
    document.getElementById("note-text").focus();
  });
})();
