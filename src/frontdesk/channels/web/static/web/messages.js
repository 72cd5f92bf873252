// One message on the page: the visitor's, or an answer that may still grow.
"use strict";

(() => {
  const { GrowingProse, render } = window.chat.markdown;
  const words = JSON.parse(document.getElementById("chat-words").textContent);
  const language = document.documentElement.lang;
  const name = document.querySelector("h1").textContent;

  const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
  const dayLongAgo = new Intl.DateTimeFormat(language, { dateStyle: "long" });
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });

  function piece(kind) {
    return document.getElementById(`piece-${kind}`).content.firstElementChild.cloneNode(true);
  }

  function nameOfDay(date) {
    const now = new Date();
    const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
    if (date.toDateString() === now.toDateString()) return words.today;
    if (date.toDateString() === yesterday.toDateString()) return words.yesterday;
    return (date.getFullYear() === now.getFullYear() ? day : dayLongAgo).format(date);
  }

  function setTime(message, time) {
    const date = new Date(time);
    const element = message.querySelector(".message-foot time");
    element.dateTime = date.toISOString();
    element.textContent = clock.format(date);
    element.title = exact.format(date);
    message.dataset.day = date.toDateString();
  }

  function divider(text, kind) {
    const element = piece("divider");
    element.firstElementChild.textContent = text;
    element.classList.add(`divider-${kind}`);
    return element;
  }

  function question({ id, text, time }) {
    const element = piece("user");
    if (id) element.dataset.key = id;
    element.querySelector(".bubble").textContent = text;
    setTime(element, time);
    return element;
  }

  const answers = new WeakMap(); // by element

  // An answer: awaited, growing, complete, or failed.
  class Answer {
    constructor() {
      this.element = piece("agent");
      this.part = (selector) => this.element.querySelector(selector);
      this.part(".typing").setAttribute("aria-label", words.typing.replace("{name}", name));
      answers.set(this.element, this);
      this.reset();
    }

    reset() {
      cancelAnimationFrame(this.frame);
      Object.assign(this, { text: "", frame: 0, restUntil: 0, prose: new GrowingProse(this.part(".prose")) });
      this.part(".prose").replaceChildren();
      this.part(".typing").hidden = false;
      this.part(".answer-note").hidden = true;
      this.element.classList.add("is-growing");
    }

    grow(text) {
      this.text += text.replaceAll("\r", "");
      this.frame ||= requestAnimationFrame(() => this.draw());
    }

    // Once per animation frame; less often if drawing takes long, as for a list of hundreds.
    draw() {
      const started = performance.now();
      this.frame = 0;
      if (started < this.restUntil) {
        this.frame = requestAnimationFrame(() => this.draw());
        return;
      }
      this.part(".typing").hidden = true;
      this.prose.show(this.text);
      const now = performance.now();
      this.restUntil = now + 4 * (now - started);
    }

    end(text, time, key) {
      cancelAnimationFrame(this.frame);
      if (key) this.element.dataset.key = key;
      const whole = text.replaceAll("\r", "");
      if (this.text && whole.startsWith(this.text)) this.prose.finish(whole);
      else this.part(".prose").replaceChildren(render(whole));
      this.text = whole;
      this.part(".typing").hidden = true;
      this.part(".message-foot").hidden = !whole;
      this.element.classList.remove("is-growing");
      if (time) setTime(this.element, time);
    }

    // Says how the answer ended. `again` retries; an end that the visitor wanted is no trouble.
    note(text, { again = null, isTrouble = true } = {}) {
      const note = this.part(".answer-note"), button = this.part("[data-again]");
      note.hidden = false;
      note.classList.toggle("is-trouble", isTrouble);
      note.querySelector("span").textContent = text;
      button.hidden = !again;
      button.onclick = again;
    }
  }

  function answer({ id, text, time, failed }) {
    const made = new Answer();
    made.end(text, time, id);
    if (failed) made.note(words.failed);
    return made.element;
  }

  window.chat.messages = {
    piece,
    nameOfDay,
    divider,
    question,
    answer,
    Answer,
    answerIn: (element) => answers.get(element),
    timeOf: (element) => new Date(element.querySelector(".message-foot time").dateTime),
  };
})();
