// The conversation: sends messages and shows answers; nothing is lost or doubled.
"use strict";

(() => {
  const { composer, embedding, messages: { answerIn }, server, transcript, usage, visitor } = window.chat;
  const { OfflineError, ServerError } = server;
  const words = JSON.parse(document.getElementById("chat-words").textContent);
  const find = (id) => document.getElementById(id);
  const earlier = find("earlier"), newDialogue = find("new-dialogue"), suggestions = find("suggestions");
  const channelButtons = document.querySelectorAll("[data-channel]");
  const FIRST_PAUSE = 1000, LONGEST_PAUSE = 15_000; // ms between attempts to reach the server
  const POLL = 3000; // ms between checks for an answer in progress elsewhere
  const REFUSALS = { 404: words.gone, 409: words.unavailable }; // closed meanwhile, or no backend

  let me = null; // the visitor, with their outbox
  let isNewDialogue = false; // the next message starts one
  let sending = null; // the message that is being answered
  let round = 0; // counts visitors: work for an earlier one is dropped
  let watched = null; // the round that is being checked for messages from elsewhere

  // --- waiting and retrying ----------------------------------------------------------------

  function pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      addEventListener("online", done);
      function done() {
        clearTimeout(timer);
        removeEventListener("online", done);
        resolve();
      }
    });
  }

  // Retries until the server can be reached; shows a notice meanwhile.
  async function retryUntilOnline(action) {
    for (let ms = FIRST_PAUSE; ; ms = Math.min(ms * 2, LONGEST_PAUSE)) {
      try {
        const result = await action();
        composer.clearNotice("offline");
        return result;
      } catch (error) {
        const isTooFast = error.status === 429;
        if (!isTooFast && !(error instanceof OfflineError)) throw error;
        composer.notice("offline", isTooFast ? words.too_fast : words.offline, isTooFast ? "i-clock" : "i-offline");
        await pause(isTooFast ? Math.max(1, error.after || 0) * 1000 : ms);
      }
    }
  }

  // --- one message and its answer ----------------------------------------------------------

  // A message being sent and its answer, as shown on the page.
  class Exchange {
    constructor(entry) {
      Object.assign(this, { entry, round, outbox: me.outbox, answer: null });
      this.element = (entry.key && transcript.find(entry.key)) || transcript.ask(entry);
    }

    get isCurrent() {
      return this.round === round;
    }

    accepted({ key, time }) {
      const existing = transcript.find(key);
      if (existing && existing !== this.element) { // the history has it already
        this.element.remove();
        this.element = existing;
      }
      this.element.dataset.key = key;
      this.element.classList.remove("is-pending");
      this.entry = { ...this.entry, key, time: time ?? this.entry.time };
      this.outbox.update(this.entry);
      if (this.answer) this.answer.reset(); // reconnected: the answer comes again from its beginning
      else this.answer = transcript.awaitAnswer();
      composer.setBusy(true, true);
      showTools();
    }

    delta({ text }) {
      this.answer.grow(text);
    }

    done({ key, time, text, stopped }) {
      this.outbox.remove(this.entry);
      this.end(key, text, time);
      if (stopped) this.answer.note(words.interrupted, { isTrouble: false });
      else this.announce(text);
    }

    failed({ key, time, text, said }) {
      this.outbox.fail(this.entry);
      this.end(key, said, time);
      this.offerRetry(text);
      this.announce(text);
    }

    end(key, text, time) {
      const existing = key && transcript.find(key); // the history has it already
      if (!existing) return this.answer.end(text, time, key);
      this.answer.element.remove();
      this.answer = answerIn(existing);
    }

    offerRetry(text) {
      this.answer.note(text, { again: () => this.again() });
    }

    refused({ text, retryAt }) {
      this.outbox.remove(this.entry);
      this.element.remove();
      this.answer?.element.remove();
      isNewDialogue ||= Boolean(this.entry.newSession);
      composer.refuse(text, retryAt, this.entry.text);
    }

    announce(text) {
      transcript.announce(text);
      if (!embedding.isVisible()) embedding.post("answered");
    }

    again() {
      if (sending || !this.isCurrent) return;
      this.answer.element.remove();
      this.answer = null;
      this.entry = { ...this.entry, again: true };
      this.outbox.add(this.entry);
      send(this);
    }

    // Resolves when the answer is over. Throws OfflineError when that is not known.
    async run() {
      const { id, text, newSession, again } = this.entry;
      for await (const event of server.send({ id, text, newSession, again })) {
        if (!this.isCurrent) return;
        this[event.kind]?.(event);
        if (["done", "failed", "refused"].includes(event.kind)) return;
      }
      throw new OfflineError();
    }
  }

  async function send(exchange) {
    sending = exchange;
    composer.setBusy(true);
    showSuggestions(false);
    try {
      await retryUntilOnline(() => exchange.isCurrent && exchange.run());
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      if (exchange.isCurrent) exchange.refused({ text: REFUSALS[error.status] ?? words.not_sent });
    }
    if (!exchange.isCurrent) return; // another visitor is here now
    sending = null;
    composer.setBusy(false);
    sendNext();
  }

  function sendNext() {
    const entry = me.outbox.first();
    if (entry && !sending) send(new Exchange(entry));
  }

  function write(text) {
    if (text === "/new") return beginDialogue();
    if (text === "/usage") return usage.show();
    const entry = { id: newId(), text, time: new Date().toISOString(), newSession: isNewDialogue || undefined };
    isNewDialogue = false;
    me.outbox.add(entry);
    sendNext();
  }

  // randomUUID exists only over https and on localhost.
  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  function stop() {
    if (sending) server.stop(sending.entry.id).catch(() => {}); // then the answer visibly goes on
  }

  // --- dialogues ---------------------------------------------------------------------------

  function beginDialogue() {
    composer.focus();
    if (sending || transcript.isEmpty()) return;
    isNewDialogue = true;
    transcript.beginDialogue();
    transcript.announce(words.new_dialogue);
    showSuggestions(true);
  }

  function showSuggestions(isShown) {
    if (suggestions) suggestions.hidden = !isShown;
    transcript.follow();
  }

  async function showHistory() {
    const { messages, more, pending } = await server.messages();
    transcript.showNewest(messages);
    earlier.hidden = !more;
    showSuggestions(!messages.length && !me.outbox.first());
    offerRetry();
    return pending;
  }

  // For the newest message, if its answer failed: only this browser knows the message's own id.
  function offerRetry() {
    const failed = me.outbox.failed();
    const element = failed && transcript.find(failed.key);
    const last = element?.nextElementSibling;
    if (!last || !answerIn(last) || last.nextElementSibling) return;
    const exchange = new Exchange(failed);
    exchange.answer = answerIn(last);
    exchange.offerRetry(words.failed);
  }

  async function showEarlier() {
    earlier.disabled = true;
    try {
      const { messages, more } = await retryUntilOnline(() => server.messages(transcript.oldest()));
      transcript.showEarlier(messages);
      earlier.hidden = !more;
    } finally {
      earlier.disabled = false;
    }
  }

  // Shows messages from other windows and devices, and waits for their answer.
  async function catchUp() {
    if (!me || sending || watched === round) return;
    const mine = (watched = round);
    try {
      for (let pending = true; pending && mine === round && !sending;) {
        const news = await retryUntilOnline(() => server.messages());
        if (mine !== round || sending) return;
        showNews(news);
        pending = news.pending && news.pending !== me.outbox.first()?.key;
        if (pending) await pause(POLL);
      }
    } catch (error) {
      if (!(error instanceof ServerError)) throw error; // closed meanwhile: sending a message says so
    } finally {
      if (watched === mine) watched = null;
    }
  }

  function showNews({ messages, more }) {
    const isGap = more && !messages.some(({ id }) => transcript.find(id));
    if (isGap) {
      transcript.showNewest(messages);
      earlier.hidden = false;
    } else transcript.showNew(messages);
    if (messages.length && !isNewDialogue) showSuggestions(false);
    showTools();
  }

  // --- the visitor -------------------------------------------------------------------------

  async function begin(arrival) {
    const mine = ++round;
    if (me) composer.leave();
    me = sending = null;
    composer.setBusy(true);
    transcript.clear(); // another visitor's messages must not be shown
    try {
      const identified = await retryUntilOnline(() => visitor.identify(arrival));
      if (mine !== round) return;
      me = identified;
      const pending = await retryUntilOnline(showHistory);
      if (mine !== round) return;
      start(pending);
      const joins = me.joinable && (await confirmsLink());
      if (mine !== round) return;
      if (joins) return begin({ ...arrival, join: true });
      if (arrival.link && (await confirmsLink())) await redeem(arrival.link);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      console.warn(`Frontdesk: ${error.message}`); // for the site's developer
      if (mine === round) composer.close(words.unavailable);
    }
  }

  // The token has ended. Someone else may be here now: the dialogue has moved to whoever signed in
  // in another window, or a known visitor is no longer vouched for. Then the page begins anew.
  async function renew() {
    const before = me, unsent = sending?.entry, identity = visitor.identity();
    const renewed = await visitor.identify({ identity });
    if (me !== before) return false; // it has begun anew meanwhile
    if (renewed.visitor.id === before?.visitor.id) return true;
    begin({ identity });
    if (unsent && !unsent.key) {
      before.outbox.remove(unsent);
      composer.restore(unsent.text);
    }
    return false;
  }

  function start(pending) {
    showTools();
    composer.enter(me.outbox);
    find("show-usage").hidden = false;
    if (!me.answersHere) return composer.close(words.unavailable);
    composer.open();
    composer.setBusy(false);
    if (embedding.isVisible()) composer.focus();
    sendNext();
    if (pending) catchUp();
  }

  // Someone else may have sent the link, to be linked with this person.
  function confirmsLink() {
    const dialog = find("ask-link");
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  async function redeem(link) {
    try {
      const { text } = await retryUntilOnline(() => server.link(link));
      composer.notice("linked", text || words.linked, "i-check");
    } catch {
      composer.notice("linked", words.link_failed);
    }
  }

  // Without a message there is no dialogue to end, and no user to link.
  function showTools() {
    newDialogue.hidden = transcript.isEmpty();
    for (const button of channelButtons) button.hidden = !me.channels.includes(button.dataset.channel) || transcript.isEmpty();
  }

  async function continueElsewhere({ currentTarget }) {
    const tab = window.open("", "_blank"); // at once: browsers block it after the click is over
    try {
      const { url } = await server.continueLink(currentTarget.dataset.link);
      if (!tab) return location.assign(url);
      tab.opener = null; // it must not reach this page
      tab.location = url;
    } catch {
      tab?.close();
      composer.notice("channel", words.failed);
    }
  }

  server.onRenew(renew);
  composer.onSend(write);
  composer.onStop(stop);
  newDialogue.addEventListener("click", beginDialogue);
  earlier.addEventListener("click", showEarlier);
  for (const button of channelButtons) button.addEventListener("click", continueElsewhere);
  suggestions?.addEventListener("click", ({ target }) => target.matches("button") && composer.say(target.textContent));
  embedding.onIdentify((identity) => begin({ identity }));
  embedding.hello.then(begin);
  addEventListener("focus", catchUp); // windows side by side are always visible
  document.addEventListener("visibilitychange", () => document.hidden || catchUp());
})();
