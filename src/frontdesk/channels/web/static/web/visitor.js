// Who is talking: an anonymous visitor of this browser, or someone whom the site vouches for.
"use strict";

(() => {
  const { memory, server } = window.chat;
  let identity = null, page, join;

  // A known visitor's token is kept only for the tab, so that the messages disappear when they sign
  // out of the site. An anonymous visitor's token is kept, because it is their only identity.
  const knownStore = () => (window.chat.embedding.isEmbedded ? null : memory.perTab);

  async function identify(arrival = {}) {
    identity = arrival.identity ?? null;
    page = arrival.page ?? page;
    join = arrival.join ?? window.chat.embedding.isEmbedded;
    const known = identity ? null : knownStore()?.get("known");
    const result = known && await requestToken(known);
    if (result?.visitor.verified) return result;
    if (known) knownStore().remove("known"); // it has expired
    return requestToken(memory.persistent.get("token") ?? undefined);
  }

  // Someone who signs in goes on with the dialogue of the anonymous visitor of this browser, whose
  // token has then ended. Only if the site around this page says who they are: anyone can send an
  // address that is signed for someone else, so at an address the page asks before.
  async function requestToken(token) {
    const result = await server.visitor({ ...identity, token, join, page, language: navigator.language });
    server.setToken(result.token);
    if (!result.visitor.verified) memory.persistent.set("token", result.token);
    else knownStore()?.set("known", result.token);
    const outbox = memory.outbox(result.visitor.id);
    if (result.joined) {
      outbox.takeOver(result.joined);
      if (memory.persistent.get("token") === token) memory.persistent.remove("token");
    }
    return { ...result, outbox };
  }

  window.chat.visitor = { identify, identity: () => identity };
})();
