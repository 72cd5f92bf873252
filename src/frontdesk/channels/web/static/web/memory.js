// What the browser stores for one agent: the visitor's token, the draft, unsent messages.
"use strict";

window.chat = {};

(() => {
  const agent = document.body.dataset.agent;
  const inMemory = new Map();

  // Even access may throw: browsers can disable storage, or deny it to frames.
  function storage(kind) {
    try {
      const found = window[kind];
      found.setItem("frontdesk", "");
      found.removeItem("frontdesk");
      return found;
    } catch {
      return { getItem: (key) => inMemory.get(key) ?? null, setItem: (key, value) => inMemory.set(key, value), removeItem: (key) => inMemory.delete(key) };
    }
  }

  function store(kind) {
    const backing = storage(kind);
    const name = (key) => `frontdesk:${agent}:${key}`;
    return {
      get(key) {
        try {
          return JSON.parse(backing.getItem(name(key)));
        } catch {
          return null;
        }
      },
      set(key, value) {
        try {
          backing.setItem(name(key), JSON.stringify(value));
        } catch { /* full: the value is lost on reload */ }
      },
      remove: (key) => backing.removeItem(name(key)),
    };
  }

  const persistent = store("localStorage"); // shared by all windows
  const perTab = store("sessionStorage"); // of this window, until it is closed

  // A visitor's unanswered messages, oldest first, and their draft, shared by all windows. Also the
  // newest message whose answer failed: it can be retried even after a reload.
  function outbox(visitor) {
    const key = `outbox:${visitor}`, draft = `draft:${visitor}`;
    const read = () => persistent.get(key) ?? { waiting: [], failed: null };
    const write = (changes) => persistent.set(key, { ...read(), ...changes });
    const without = (entry) => read().waiting.filter((each) => each.id !== entry.id);
    return {
      all: read,
      draft: () => persistent.get(draft) ?? "",
      keepDraft: (text) => (text ? persistent.set(draft, text) : persistent.remove(draft)),
      first: () => read().waiting[0],
      failed: () => read().failed,
      add: (entry) => write({ waiting: [...without(entry), entry], failed: null }),
      update: (entry) => write({ waiting: read().waiting.map((each) => (each.id === entry.id ? entry : each)) }),
      remove: (entry) => write({ waiting: without(entry) }),
      fail: (entry) => write({ waiting: without(entry), failed: entry }),
      takeOver(other) { // from the visitor they were before they signed in
        const theirs = outbox(other), { waiting, failed } = theirs.all();
        write({ waiting: [...waiting, ...read().waiting], failed: failed ?? read().failed });
        if (theirs.draft()) persistent.set(draft, theirs.draft());
        theirs.keepDraft("");
        persistent.remove(`outbox:${other}`);
      },
    };
  }

  window.chat.memory = { persistent, perTab, outbox };
})();
