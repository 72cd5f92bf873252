// What the Users page and a profile add to console.js: keys, menus, copying. Reading works without it.
"use strict";

(() => {
  const links = () => [...document.querySelectorAll("#users .user-link")];
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

  function step(by) {
    const all = links();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function openMenu() {
    return document.querySelector("details[data-menu][open]");
  }

  function escape(event) {
    const menu = openMenu();
    const search = document.getElementById("users-q");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (event.target === search && search.value) {
      search.value = "";
      search.dispatchEvent(new Event("input", { bubbles: true }));
      event.preventDefault(); // the browser would clear it a second time
    } else if (isTyping(event.target)) {
      event.target.blur();
    } else {
      document.querySelector("[data-back]")?.click();
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") escape(event);
    else if (isTyping(event.target)) return;
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });

  document.addEventListener("click", (event) => {
    const menu = openMenu();
    if (menu && !menu.contains(event.target)) menu.open = false;
    const copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => copy.classList.add("is-copied"));
  });

  // Back to the list as it was left, filters and page included.
  document.querySelector("[data-back]")?.addEventListener("click", (event) => {
    const from = document.referrer && new URL(document.referrer);
    if (from && from.origin === location.origin && from.pathname === new URL(event.currentTarget.href).pathname) {
      event.preventDefault();
      history.back();
    }
  });

  // A date typed in the filters is meant, so no preset may stand beside it.
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[name^=last_]")) {
      document.querySelectorAll("input[name=last]").forEach((radio) => (radio.checked = radio.value === ""));
    }
  });

  // The search box is outside of the list: when a link changes the search, the box follows.
  document.addEventListener("htmx:after:swap", () => {
    const box = document.getElementById("users-q");
    if (box && box !== document.activeElement) box.value = new URLSearchParams(location.search).get("q") ?? "";
  });
})();
