// What the settings add to console.js. Every section works without it.
"use strict";

(() => {
  const showCurrent = () => {
    // On a phone the sections are a scrolling strip; scroll to the current one.
    const current = document.querySelector(".settings-nav [aria-current]");
    const strip = current?.closest("ul");
    if (strip) strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
  };

  showCurrent();

  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.target?.id !== "content") return;
    showCurrent();
    const content = document.getElementById("content");
    if (ctx.sourceElement.matches("form")) (content.querySelector("[aria-invalid=true]") ?? content).focus();
  });
})();
