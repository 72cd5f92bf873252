// Who talks here: an anonymous visitor of this browser, or somebody whom the site vouches for.
"use strict";

(() => {
  const { memory, server } = window.chat;
  let identity = null, page;

  // A known visitor's token lasts as long as the tab: who signs out of the site is no longer shown
  // what was said. An anonymous one lasts, for it is all that an anonymous visitor has.
  const shelf = () => (window.chat.embedding.isEmbedded ? null : memory.ofTab);

  async function meet(said = {}) {
    identity = said.identity ?? null;
    page = said.page ?? page;
    const known = identity ? null : shelf()?.get("known");
    const met = known && await introduce(known);
    if (met?.visitor.verified) return met;
    if (known) shelf().remove("known"); // it has expired
    return introduce(identity ? undefined : memory.lasting.get("token") ?? undefined);
  }

  async function introduce(token) {
    const met = await server.visitor({ ...identity, token, page, language: navigator.language });
    server.setToken(met.token);
    if (!met.visitor.verified) memory.lasting.set("token", met.token);
    else shelf()?.set("known", met.token);
    return { ...met, outbox: memory.outbox(met.visitor.id) };
  }

  server.onRenew(() => meet({ identity }));
  window.chat.visitor = { meet };
})();
