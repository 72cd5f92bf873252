// The script of every page of the console. Pages can be read without it.
"use strict";

(() => {
  const root = document.documentElement;
  const page = document.body.dataset;
  root.classList.add("js"); // shows the buttons that need this script

  // --- the operator's preferences ------------------------------------------------------------

  function save(url, values) {
    // Failures are ignored: the page has already changed, and the next page sends the value again.
    fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": page.csrf },
      body: new URLSearchParams(values),
    }).catch(() => {});
  }

  function isDark() {
    const chosen = root.dataset.bsTheme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function toggleTheme() {
    root.dataset.bsTheme = isDark() ? "light" : "dark";
    if (page.themeUrl) save(page.themeUrl, { theme: root.dataset.bsTheme });
  }

  if (page.zoneUrl && !page.zone) {
    save(page.zoneUrl, { time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  }

  // --- relative times ----------------------------------------------------------------------

  const MINUTE = 60, HOUR = 3600, DAY = 86400;

  function relative(seconds) { // the same steps as relative() in templatetags/console.py
    if (seconds < -MINUTE) return "in the future";
    if (seconds < MINUTE) return "just now";
    const steps = [[MINUTE, HOUR, "min"], [HOUR, DAY, "h"], [DAY, 30 * DAY, "d"], [30 * DAY, 365 * DAY, "mo"]];
    const step = steps.find(([, limit]) => seconds < limit) ?? [365 * DAY, 0, "y"];
    return `${Math.floor(seconds / step[0])} ${step[2]} ago`;
  }

  function refreshAges() {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      time.textContent = relative((Date.now() - Date.parse(time.dateTime)) / 1000);
    }
  }

  setInterval(refreshAges, 60_000);
  document.addEventListener("visibilitychange", () => document.hidden || refreshAges());

  // --- clicks ------------------------------------------------------------------------------

  // Looked up each time, because the Back button restores another body with its own dialogs.
  const showHelp = () => document.getElementById("keyboard-help").showModal();

  function fill(button) {
    const input = document.getElementById(button.dataset.fillFor);
    input.value = button.dataset.fill;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function copy(button) {
    const source = document.getElementById(button.dataset.copyFrom);
    // Plain http has no clipboard API: select the text instead.
    if (!navigator.clipboard) return getSelection().selectAllChildren(source);
    const word = button.querySelector(".copy-word");
    const before = word.textContent;
    navigator.clipboard.writeText(source.textContent).then(() => {
      if (button.classList.contains("is-copied")) return;
      say("Copied", true);
      setTimeout(() => say(before, false), 2000);
    });

    function say(text, isCopied) {
      word.textContent = text;
      word.classList.toggle("visually-hidden", !isCopied);
      button.classList.toggle("is-copied", isCopied);
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button, dialog");
    if (!button) return;
    if (button.matches("[data-theme-toggle]")) toggleTheme();
    else if (button.matches("[data-keyboard-help]")) showHelp();
    else if (button.matches("[data-dismiss]")) button.closest(".notice").remove();
    else if (button.matches("[data-fill]")) fill(button);
    else if (button.matches("[data-copy-from]")) copy(button);
    else if (event.target.matches("dialog.sheet")) event.target.close(); // its backdrop
  });

  // A double click sends a form only once.
  const sentAt = new WeakMap();

  document.addEventListener("submit", (event) => {
    const pressed = event.submitter ?? event.target;
    const isSecond = Date.now() - (sentAt.get(pressed) ?? 0) < 1000;
    sentAt.set(pressed, Date.now());
    if (!isSecond || event.target.method !== "post") return;
    event.preventDefault();
    event.stopImmediatePropagation(); // htmx listens too
  }, true);

  // --- sheets: forms over the page they belong to; see console/sheets.py -------------------------

  const sheetDialog = () => document.getElementById("sheet");

  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const sheet = sheetDialog();
    if (ctx.target.id !== "sheet-body" || sheet.open) return;
    sheet.showModal();
    sheet.querySelector("[autofocus], form:not([method=dialog]) :is(input:not([type=hidden]), textarea, select)")?.focus();
  });

  function refreshBeneath() {
    const swap = { target: "#content", select: "#content", swap: "outerHTML" };
    htmx.ajax("GET", location.href, { ...swap, selectOOB: "#agent-head" });
  }

  document.addEventListener("sheet-done", () => {
    sheetDialog().close();
    refreshBeneath();
  });

  document.addEventListener("sheet-stale", refreshBeneath); // done, but the sheet stays open

  document.addEventListener("close", ({ target }) => {
    if (target === sheetDialog()) document.getElementById("sheet-body").replaceChildren();
  }, true); // it does not bubble

  // --- keys --------------------------------------------------------------------------------

  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");
  let pressedG = 0;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const afterG = Date.now() - pressedG < 1000;
    pressedG = event.key === "g" ? Date.now() : 0;
    if (event.key === "?") showHelp();
    else if (event.key === "/") focusSearch(event);
    else if (event.key === "a" && afterG) document.querySelector(".brand").click();
  });

  function focusSearch(event) {
    const box = document.querySelector("[data-search], input[type=search]");
    if (!box) return;
    event.preventDefault(); // or the slash would be typed into the field
    box.focus();
    box.select();
  }

  // --- htmx: progress and failures -----------------------------------------------------------

  const SWAPPED_ERRORS = [400, 422]; // forms with errors; see htmx-config in base.html
  const TIMEOUT = 55_000; // an abort after this time was htmx's timeout, not a newer request
  const REASONS = {
    401: "You are no longer signed in.",
    403: "You are not allowed to do this, or the page is outdated: reload it.",
    404: "It no longer exists.",
    429: "Too many requests. Wait a moment, then try again.",
  };
  const running = new Map(); // by htmx's request context, the time it started

  const isQuiet = (ctx) => ctx.sourceElement.matches("[data-quiet]"); // a background request

  function begin({ detail: { ctx } }) {
    running.set(ctx, performance.now());
    if (!isQuiet(ctx)) root.classList.add("is-loading");
  }

  function end({ detail: { ctx } }) {
    running.delete(ctx);
    root.classList.toggle("is-loading", running.size > 0);
  }

  function showTrouble(ctx, reason, link) {
    if (isQuiet(ctx)) return;
    const target = ctx.target instanceof Element ? ctx.target : document.getElementById("content");
    const box = document.getElementById("could-not-load").content.firstElementChild.cloneNode(true);
    const { swap, select, push, replace } = ctx; // copied now: htmx sets swap to "none" after this event
    box.querySelector("[data-reason]").textContent = reason;
    if (link) box.querySelector(".empty-actions").prepend(link);
    box.querySelector("[data-retry]").addEventListener("click", () => retry(ctx, { swap, select, push, replace }));
    clearTrouble();
    target.before(box); // above the existing content, so that nothing typed is lost
    target.classList.add("is-stale");
  }

  function clearTrouble() {
    document.querySelectorAll("[data-empty=could-not-load]").forEach((box) => box.remove());
    document.querySelectorAll(".is-stale").forEach((old) => old.classList.remove("is-stale"));
  }

  function retry({ sourceElement: source, target, request }, options) {
    if (!source.isConnected) return location.reload();
    renewTokens();
    htmx.ajax(request.method, request.action, { source, target, ...options });
  }

  function renewTokens() { // signing in in another tab creates new ones
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
    if (token) document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => (field.value = token));
  }

  function askToSignIn(ctx) {
    const isGet = ctx.request.method === "GET";
    if (isGet && !sheetDialog().contains(ctx.sourceElement)) {
      const next = location.pathname + location.search; // come back here
      location.assign(`${page.signInUrl}?${new URLSearchParams({ next })}`);
      return;
    }
    if (isGet && sheetDialog().querySelector("[data-empty=could-not-load]")) return; // the form's own error stays
    const link = document.createElement("a");
    Object.assign(link, { className: "btn", href: page.signInUrl, target: "_blank", textContent: "Sign in" });
    const text = "You are no longer signed in. Sign in in a new tab, then try again here: what you typed is kept.";
    showTrouble(ctx, text, link);
  }

  document.addEventListener("htmx:before:request", begin);
  document.addEventListener("htmx:finally:request", end);

  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    end(event); // here too: the swap may have removed the source and its events
    if (ctx.response.raw.redirected && new URL(ctx.response.raw.url).pathname === page.signInUrl) {
      event.preventDefault(); // the session has expired, and this is the sign-in page
      askToSignIn(ctx);
    } else if (ctx.response.status < 400) clearTrouble();
  });

  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    const { status } = ctx.response;
    if (SWAPPED_ERRORS.includes(status)) return;
    showTrouble(ctx, REASONS[status] ?? `The server answered with an error (${status}). What you typed is kept.`);
  });

  document.addEventListener("htmx:error", (event) => {
    const { ctx, error } = event.detail;
    if (!ctx) return;
    const waited = performance.now() - (running.get(ctx) ?? performance.now());
    end(event);
    if (error.name === "AbortError" && waited < TIMEOUT) return; // a newer request replaced it
    showTrouble(ctx, "The server did not answer. What you typed is kept.");
  });
})();
