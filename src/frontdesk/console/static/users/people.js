// Keys, menus and the selection of the Users page and profiles. Both can be read without it.
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
    else if (event.key === "x") document.activeElement.closest("tr")?.querySelector("[name=id]")?.click();
  });

  document.addEventListener("click", (event) => {
    const menu = openMenu();
    if (menu && !menu.contains(event.target)) menu.open = false;
    // Times are above the row's link so that their titles show; a click on one opens the link.
    if (event.target.matches("#users td :is(time, .unpriced)")) event.target.closest("tr").querySelector(".user-link").click();
  });

  // Back to the list as it was, including filters and page.
  document.querySelector("[data-back]")?.addEventListener("click", (event) => {
    const from = document.referrer && new URL(document.referrer);
    if (from && from.origin === location.origin && from.pathname === new URL(event.currentTarget.href).pathname) {
      event.preventDefault();
      if (location.hash) location.assign(from); // Back would stay on this page
      else history.back();
    }
  });

  // A date typed in the filters replaces the preset.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("input[type=date]")) return;
    const [name] = event.target.name.split("_"); // last_from → last
    document.querySelectorAll(`input[type=radio][name=${name}]`).forEach((radio) => (radio.checked = radio.value === ""));
  });

  // Live mode waits while a menu is open or users are selected, which it would reset.
  document.addEventListener("htmx:before:request", (event) => {
    const isBusy = openMenu() || document.querySelector("#users [name=id]:checked");
    if (event.detail.ctx.sourceElement.matches("[data-live]") && isBusy) event.preventDefault();
  });

  // --- the selection; people.css shows the bar of actions ----------------------------------------

  const boxes = () => [...document.querySelectorAll("#users input[name=id]")];
  const allThatMatch = () => document.querySelector(".bulk-all input");
  let lastBox = null;

  function selectUpTo(box, event) {
    const all = boxes();
    if (event.shiftKey && all.includes(lastBox)) {
      const [first, last] = [all.indexOf(lastBox), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(first, last + 1).forEach((between) => (between.checked = box.checked));
    }
    lastBox = box;
  }

  function selectAll(isSelected) {
    boxes().forEach((box) => (box.checked = isSelected));
    if (!isSelected) allThatMatch().checked = false;
  }

  function showSelection() {
    const selected = boxes().filter((box) => box.checked).length;
    const words = document.querySelector("[data-bulk-count]");
    if (!words) return;
    words.textContent = allThatMatch().checked ? "All that match" : `${selected} selected`;
    const page = document.querySelector("[data-choose-page]");
    page.checked = selected > 0 && selected === boxes().length;
    page.indeterminate = selected > 0 && !page.checked;
  }

  document.addEventListener("click", (event) => {
    const { target } = event;
    if (target.matches("#users input[name=id]")) selectUpTo(target, event);
    else if (target.matches("[data-choose-page]")) selectAll(target.checked);
    else if (target.closest("[data-choose-none]")) selectAll(false);
    else if (!target.matches(".bulk-all input")) return;
    showSelection();
  });

  // The browser downloads and the page stays: close the form that asked for the file.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-download]")) return;
    event.target.closest("details")?.removeAttribute("open");
    event.target.closest("dialog")?.close();
  });

  // Columns move at once, and are saved when the form is sent.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=move]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("li");
    if (button.value.endsWith(":up")) item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    button.focus();
  });

  let hadFocus = false;
  document.addEventListener("htmx:before:swap", () => {
    hadFocus = document.getElementById("users")?.contains(document.activeElement);
  });

  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const list = document.getElementById("users");
    if (!list || ctx.target.id !== "users") return;
    const box = document.getElementById("users-q"); // outside the list, so it is set from the address
    if (box !== document.activeElement) box.value = new URLSearchParams(location.search).get("q") ?? "";
    if (hadFocus && document.activeElement === document.body) list.focus({ preventScroll: true });
    if (!ctx.sourceElement.matches("[data-live]") && list.getBoundingClientRect().top < 0) list.scrollIntoView();
  });
})();
