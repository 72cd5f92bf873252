// Where the visitor writes, and the notices above it, such as refusals or a lost connection.
"use strict";

(() => {
  const { piece } = window.chat.messages;
  const words = JSON.parse(document.getElementById("chat-words").textContent);
  const language = document.documentElement.lang;
  const find = (id) => document.getElementById(id);
  const form = find("composer"), text = find("text"), send = find("send"), stop = find("stop"), notices = find("notices");
  const isTouch = matchMedia("(hover: none) and (pointer: coarse)"); // on these, Enter starts a new line

  const state = { isBusy: true, isClosed: false, until: 0 };
  let outbox = null; // with the draft of the visitor who is here
  let handle = () => {};
  let timer;

  function refresh() {
    const isWaiting = state.until > Date.now();
    send.disabled = state.isBusy || state.isClosed || isWaiting || !text.value.trim();
    text.disabled = state.isClosed;
    clearTimeout(timer);
    // A timer can wait 24 days at most.
    if (isWaiting) timer = setTimeout(refresh, Math.min(state.until - Date.now() + 100, 2 ** 31 - 1));
    else if (state.until) unlock();
  }

  function unlock() {
    state.until = 0;
    clearNotice("refused");
    refresh();
  }

  // --- notices, one of each kind -----------------------------------------------------------

  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const moment = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });

  // "in 5 minutes (14:30)", in the visitor's own time zone.
  function when(time) {
    const date = new Date(time);
    const minutes = Math.max(1, Math.ceil((date - Date.now()) / 60_000));
    const steps = [[60, 1, "minute"], [48 * 60, 60, "hour"], [Infinity, 24 * 60, "day"]];
    const [, unit, name] = steps.find(([limit]) => minutes < limit);
    const isToday = date.toDateString() === new Date().toDateString();
    return `${relative.format(Math.round(minutes / unit), name)} (${(isToday ? clock : moment).format(date)})`;
  }

  function notice(kind, message, icon = "i-alert") {
    clearNotice(kind);
    const element = piece("notice");
    element.dataset.kind = kind;
    element.querySelector("use").setAttribute("href", `#${icon}`);
    element.querySelector("[data-text]").textContent = message;
    notices.append(element);
    return element;
  }

  function clearNotice(kind) {
    notices.querySelector(`[data-kind="${kind}"]`)?.remove();
  }

  // The text stays in the composer or returns to it; it can be sent again from `retryAt` on.
  function refuse(message, retryAt, refused) {
    const element = notice("refused", message, retryAt ? "i-clock" : "i-alert");
    if (retryAt) {
      state.until = Date.parse(retryAt);
      const time = element.querySelector("time");
      Object.assign(time, { dateTime: retryAt, textContent: words.again_when.replace("{when}", when(retryAt)), hidden: false });
    }
    restore(refused);
    refresh();
  }

  function restore(unsent) {
    if (!text.value) setText(unsent);
  }

  // --- writing -----------------------------------------------------------------------------

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
  }

  function setText(value) {
    text.value = value;
    outbox?.keepDraft(value);
    grow();
    refresh();
  }

  function submit(event) {
    event?.preventDefault();
    if (send.disabled) return;
    const written = text.value.trim();
    clearNotice("refused");
    setText("");
    handle(written);
  }

  form.addEventListener("submit", submit);
  form.addEventListener("click", ({ target }) => target === form && text.focus());
  text.addEventListener("input", () => setText(text.value));
  text.addEventListener("keydown", (event) => {
    // 229: Safari reports the Enter that confirms a Japanese word after the composition has ended.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229 || isTouch.matches) return;
    event.preventDefault();
    submit();
  });
  if (isTouch.matches) text.enterKeyHint = "enter";

  // Shows the visitor's draft, unless they are writing already.
  function enter(theirs) {
    outbox = theirs;
    setText(text.value || outbox.draft());
  }

  // The draft is kept for whoever wrote it, and not shown to the next visitor.
  function leave() {
    outbox = null;
    setText("");
  }

  function focus() {
    if (!isTouch.matches) text.focus(); // a phone's keyboard would hide the messages
  }

  window.chat.composer = {
    when,
    notice,
    clearNotice,
    enter,
    leave,
    refuse,
    restore,
    onSend: (callback) => (handle = callback),
    onStop: (callback) => stop.addEventListener("click", callback),
    focus,
    say(written) {
      setText(written);
      submit();
      focus();
    },
    // While busy, nothing can be sent; with `canStop` the stop button replaces the send button.
    setBusy(isBusy, canStop = false) {
      const hadFocus = [send, stop].includes(document.activeElement);
      state.isBusy = isBusy;
      stop.hidden = !canStop;
      send.hidden = canStop;
      refresh();
      if (hadFocus) text.focus();
    },
    close(message) {
      state.isClosed = true;
      notice("closed", message);
      refresh();
    },
    open() {
      state.isClosed = false;
      clearNotice("closed");
      refresh();
    },
  };
})();
