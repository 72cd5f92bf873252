// What the browser keeps for one agent: the visitor's token, the draft, messages on their way.
"use strict";

window.chat = {};

(() => {
  const agent = document.body.dataset.agent;
  const inMemory = new Map();

  // Access alone may throw: sites may be shown without storage, and browsers may refuse it to frames.
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

  function shelf(kind) {
    const kept = storage(kind);
    const name = (key) => `frontdesk:${agent}:${key}`;
    return {
      get(key) {
        try {
          return JSON.parse(kept.getItem(name(key)));
        } catch {
          return null;
        }
      },
      set(key, value) {
        try {
          kept.setItem(name(key), JSON.stringify(value));
        } catch { /* full: then it is not there after a reload */ }
      },
      remove: (key) => kept.removeItem(name(key)),
    };
  }

  const lasting = shelf("localStorage"); // of all windows
  const ofTab = shelf("sessionStorage"); // of this window, until it is closed

  // A visitor's messages that are on their way, the oldest first; the same in all windows. And the
  // newest one that was answered by a failure: it can be tried again also after a reload.
  function outbox(visitor) {
    const key = `outbox:${visitor}`;
    const read = () => lasting.get(key) ?? { waiting: [], failed: null };
    const write = (changes) => lasting.set(key, { ...read(), ...changes });
    const without = (entry) => read().waiting.filter((each) => each.id !== entry.id);
    return {
      first: () => read().waiting[0],
      failed: () => read().failed,
      add: (entry) => write({ waiting: [...without(entry), entry], failed: null }),
      update: (entry) => write({ waiting: read().waiting.map((each) => (each.id === entry.id ? entry : each)) }),
      remove: (entry) => write({ waiting: without(entry) }),
      fail: (entry) => write({ waiting: without(entry), failed: entry }),
    };
  }

  window.chat.memory = { lasting, ofTab, outbox };
})();
