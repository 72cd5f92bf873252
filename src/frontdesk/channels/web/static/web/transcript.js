// All messages on the page, in order, and the scroll position.
"use strict";

(() => {
  const { Answer, answer, answerIn, divider, nameOfDay, question, timeOf } = window.chat.messages;
  const words = JSON.parse(document.getElementById("chat-words").textContent);
  const find = (id) => document.getElementById(id);
  const log = find("log"), scroller = find("scroll"), jump = find("jump"), announcement = find("announcement");

  // --- scrolling ---------------------------------------------------------------------------

  const NEAR = 64; // px from the end that still count as the end
  let follows = true; // scroll to new messages, unless the reader has scrolled away

  function toEnd(behavior = "instant") {
    follows = true;
    scroller.scrollTo({ top: scroller.scrollHeight, behavior });
  }

  scroller.addEventListener("scroll", () => {
    follows = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
    jump.hidden = follows;
  }, { passive: true });

  // Messages grow the log; a phone's keyboard and the composer shrink the scrolled area.
  const sizes = new ResizeObserver(() => follows && toEnd());
  sizes.observe(scroller);
  sizes.observe(log);

  // On iOS the keyboard covers the page instead of shrinking it.
  visualViewport?.addEventListener("resize", () => {
    const height = visualViewport.height * visualViewport.scale; // zooming in hides nothing
    document.body.style.height = height < innerHeight - 1 ? `${height}px` : "";
    scrollTo(0, 0);
  });

  const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
  jump.addEventListener("click", () => toEnd(isCalm.matches ? "instant" : "smooth"));

  // --- adding messages ---------------------------------------------------------------------

  // `list` is the log, or a list that will be added to it as a whole.
  function put(list, element, isNewDialogue = false) {
    const last = list.lastElementChild;
    const { day } = element.dataset;
    if (day && day !== (last?.dataset.day ?? (list === log ? new Date().toDateString() : ""))) {
      const named = divider(nameOfDay(timeOf(element)), "day");
      named.dataset.day = day;
      list.append(named);
    }
    if (isNewDialogue && last && !last.matches(".divider-dialogue")) list.append(dialogueDivider(day));
    list.append(element);
  }

  function dialogueDivider(day) {
    const element = divider(words.new_divider, "dialogue");
    if (day) element.dataset.day = day;
    return element;
  }

  function add(list, message) {
    put(list, message.role === "user" ? question(message) : answer(message), message.newSession);
  }

  function listOf(messages) {
    const list = document.createElement("ol");
    messages.forEach((message) => add(list, message));
    return list;
  }

  function showNewest(messages) {
    const list = listOf(messages);
    const today = new Date().toDateString();
    if (list.firstElementChild?.dataset.day === today) list.firstElementChild.remove(); // today needs no heading
    log.replaceChildren(...list.children);
    toEnd();
  }

  const withKey = (key) => log.querySelector(`[data-key="${CSS.escape(key)}"]`);

  function showNew(messages) {
    messages.filter(({ id }) => !withKey(id)).forEach((message) => add(log, message));
  }

  function showEarlier(messages) {
    const list = listOf(messages);
    const first = log.firstElementChild;
    const lastDay = list.lastElementChild?.dataset.day;
    if (first?.matches(".divider-day") && first.dataset.day === lastDay) first.remove();
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    log.prepend(...list.children);
    scroller.scrollTop = scroller.scrollHeight - fromEnd; // the text being read stays in place
  }

  function ask(message) {
    log.querySelectorAll("[data-again]").forEach((button) => (button.hidden = true)); // a retry would answer below this
    const element = question({ ...message, id: message.key });
    element.classList.toggle("is-pending", !message.key);
    put(log, element, message.newSession);
    toEnd();
    return element;
  }

  function awaitAnswer() {
    const awaited = new Answer();
    log.append(awaited.element);
    if (follows) toEnd();
    return awaited;
  }

  function beginDialogue() {
    const last = log.lastElementChild;
    if (!last || last.matches(".divider-dialogue")) return;
    log.append(dialogueDivider(new Date().toDateString()));
    toEnd();
  }

  // --- copying -----------------------------------------------------------------------------

  async function copy(button, text) {
    if (button.classList.contains("is-copied")) return;
    await navigator.clipboard.writeText(text);
    announce(words.copied);
    button.classList.add("is-copied");
    const before = [...button.childNodes];
    const icon = button.querySelector("use");
    if (icon) icon.setAttribute("href", "#i-check");
    else button.replaceChildren(words.copied);
    setTimeout(() => {
      button.classList.remove("is-copied");
      if (icon) icon.setAttribute("href", "#i-copy");
      else button.replaceChildren(...before);
    }, 2000);
  }

  log.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-copy], [data-copy-code]");
    if (!button || !navigator.clipboard) return; // not available over plain http
    const code = button.closest(".code")?.querySelector("code");
    copy(button, code ? code.textContent : answerIn(button.closest("li")).text);
  });

  // For screen readers, once the answer is complete: they would start over with each piece.
  function announce(text) {
    announcement.textContent = text;
  }

  window.chat.transcript = {
    ask,
    awaitAnswer,
    beginDialogue,
    showNewest,
    showNew,
    showEarlier,
    announce,
    follow: () => follows && toEnd(),
    find: withKey,
    isEmpty: () => !log.childElementCount,
    oldest: () => log.querySelector("[data-key]")?.dataset.key,
    clear: () => log.replaceChildren(),
  };
})();
