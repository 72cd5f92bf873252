// How much of each limit the visitor has used, and when it resets.
"use strict";

(() => {
  const { piece } = window.chat.messages;
  const { when } = window.chat.composer;
  const words = JSON.parse(document.getElementById("chat-words").textContent);
  const dialog = document.getElementById("usage"), lines = document.getElementById("usage-lines");

  function lineOf({ title, used, value, percent, resetsAt }) {
    const element = piece("limit");
    const bar = element.querySelector("progress"), reset = element.querySelector(".limit-when");
    element.querySelector("[data-title]").textContent = title;
    element.querySelector("[data-figures]").textContent = percent === null ? value : `${used} / ${value}`;
    if (percent === null) bar.remove();
    else {
      bar.value = percent;
      bar.setAttribute("aria-label", title);
      bar.classList.toggle("is-full", percent >= 100);
    }
    reset.hidden = !resetsAt;
    if (resetsAt) reset.textContent = words.again_when.replace("{when}", when(resetsAt));
    return element;
  }

  function paragraph(text) {
    const element = document.createElement("p");
    element.textContent = text;
    return element;
  }

  async function show() {
    try {
      const usage = await window.chat.server.usage();
      lines.replaceChildren(...usage.lines.map(lineOf));
      if (!usage.lines.length) lines.replaceChildren(paragraph(words.usage_none));
    } catch (error) {
      lines.replaceChildren(paragraph(error instanceof window.chat.server.OfflineError ? words.offline : words.failed));
    }
    if (!dialog.open) dialog.showModal();
  }

  document.getElementById("show-usage").addEventListener("click", show);

  window.chat.usage = { show };
})();
