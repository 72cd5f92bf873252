// The chat's requests to its server.
"use strict";

(() => {
  const urls = JSON.parse(document.getElementById("chat-urls").textContent);
  const SILENCE = 35_000; // ms; the server sends at least a ping every 10 s

  class OfflineError extends Error {} // no response: ask again

  class ServerError extends Error { // the server said no
    constructor(status, text, after) {
      super(text);
      Object.assign(this, { status, after });
    }
  }

  let token = null;
  let renew = async () => false; // gets a new token; resolves to whether it is of the same visitor

  async function ask(method, url, { body, signal, isAgain } = {}) {
    const headers = { Accept: "application/json, text/event-stream" };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(url, { method, headers, signal, body: body && JSON.stringify(body), credentials: "omit", cache: "no-store" });
    } catch {
      throw new OfflineError();
    }
    const hasEnded = response.status === 401 && !isAgain && url !== urls.visitor;
    if (hasEnded && (await renew())) return ask(method, url, { body, signal, isAgain: true });
    if (response.ok) return response;
    if (response.status >= 500) throw new OfflineError(); // restarting, or a proxy's error
    const { error } = await response.json().catch(() => ({}));
    throw new ServerError(response.status, error?.message ?? "", Number(response.headers.get("Retry-After")));
  }

  async function json(...question) {
    const response = await ask(...question);
    return response.json().catch(() => { throw new OfflineError(); });
  }

  // --- server-sent events ------------------------------------------------------------------

  function parse(block) {
    const fields = { event: "message", data: [] };
    for (const line of block.split("\n")) {
      const [, name, value] = line.match(/^(\w*): ?(.*)$/) ?? [];
      if (name === "event") fields.event = value;
      else if (name === "data") fields.data.push(value);
    }
    return fields.data.length ? { kind: fields.event, ...JSON.parse(fields.data.join("\n")) } : null;
  }

  async function* events(response, onData) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read().catch(() => { throw new OfflineError(); });
      onData();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      yield* blocks.map(parse).filter(Boolean);
    }
  }

  // The events of a message and its answer. Sent again with the same id, it is the same message.
  async function* send(message) {
    const silence = new AbortController();
    let timer;
    const restartTimer = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE);
    };
    restartTimer();
    try {
      const response = await ask("POST", urls.messages, { body: message, signal: silence.signal });
      yield* events(response, restartTimer);
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  window.chat.server = {
    OfflineError,
    ServerError,
    send,
    setToken: (value) => (token = value),
    onRenew: (ask) => (renew = ask),
    visitor: (identity) => json("POST", urls.visitor, { body: identity }),
    messages: (before) => json("GET", before ? `${urls.messages}?${new URLSearchParams({ before })}` : urls.messages),
    stop: (id) => ask("POST", `${urls.messages}/${id}/stop`),
    usage: () => json("GET", urls.usage),
    link: (linkToken) => json("POST", urls.link, { body: { token: linkToken } }),
    continueLink: (url) => json("POST", url),
  };
})();
