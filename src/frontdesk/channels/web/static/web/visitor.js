// Who is talking: an anonymous visitor of this browser, or someone whom the site vouches for.
"use strict";

(() => {
  const { memory, server } = window.chat;
  let identity = null, page;

  // A known visitor's token is kept only for the tab, so that the messages disappear when they sign
  // out of the site. An anonymous visitor's token is kept, because it is their only identity.
  const knownStore = () => (window.chat.embedding.isEmbedded ? null : memory.perTab);

  async function identify(arrival = {}) {
    identity = arrival.identity ?? null;
    page = arrival.page ?? page;
    const known = identity ? null : knownStore()?.get("known");
    const result = known && await requestToken(known);
    if (result?.visitor.verified) return result;
    if (known) knownStore().remove("known"); // it has expired
    return requestToken(identity ? undefined : memory.persistent.get("token") ?? undefined);
  }

  async function requestToken(token) {
    const result = await server.visitor({ ...identity, token, page, language: navigator.language });
    server.setToken(result.token);
    if (!result.visitor.verified) memory.persistent.set("token", result.token);
    else knownStore()?.set("known", result.token);
    return { ...result, outbox: memory.outbox(result.visitor.id) };
  }

  server.onRenew(() => identify({ identity }));
  window.chat.visitor = { identify };
})();
