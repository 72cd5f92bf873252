// The script of a profile, in addition to console.js.
"use strict";

(() => {
  // --- the action that focuses the note field ---------------------------------------------------

  document.addEventListener("click", (event) => {
    if (!event.target.closest('a[href="#note-text"]')) return;
    event.preventDefault();
    document.getElementById("note-text").focus();
  });
})();
