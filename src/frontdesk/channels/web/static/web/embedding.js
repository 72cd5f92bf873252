// Who the visitor is, according to the site around this page or this page's address.
"use strict";

(() => {
  const origins = JSON.parse(document.getElementById("chat-origins").textContent);
  const isEmbedded = document.documentElement.classList.contains("is-embedded") && window.parent !== window;
  const HELLO_TIMEOUT = 3000; // ms; after it, this is a frame that a site made without the widget
  let site = null; // the origin of the site around this page, once it has sent hello
  let isOpen = !isEmbedded;
  let onIdentify = () => {};
  let resolveHello;
  const hello = new Promise((resolve) => (resolveHello = resolve));

  function post(kind) {
    if (site) window.parent.postMessage({ frontdesk: kind }, site);
  }

  // Only what the server accepts, and only as texts: the site is not trusted with more.
  function identityOf({ user, signature, jwt }) {
    const known = Object.entries({ user, signature, jwt }).filter(([, value]) => typeof value === "string" && value);
    return known.length ? Object.fromEntries(known) : null;
  }

  function onMessage({ source, origin, data }) {
    if (source !== window.parent || !origins.includes(origin) || typeof data?.frontdesk !== "string") return;
    site = origin;
    const identity = identityOf(data);
    if (data.frontdesk === "hello") {
      isOpen = data.isOpen === true;
      resolveHello({ identity, page: typeof data.page === "string" ? data.page : undefined });
      post("ready");
    } else if (data.frontdesk === "identify") onIdentify(identity);
    else if (data.frontdesk === "opened" || data.frontdesk === "closed") {
      isOpen = data.frontdesk === "opened";
      if (isOpen) window.chat.composer.focus();
    }
  }

  // The hosted page has it in its address, from which it is removed so that it is not shared.
  function fromAddress() {
    const address = new URL(location.href);
    const values = Object.fromEntries(address.searchParams);
    ["user", "signature", "jwt", "link"].forEach((name) => address.searchParams.delete(name));
    if (address.href !== location.href) history.replaceState(null, "", address);
    return { identity: identityOf(values), link: values.link };
  }

  if (isEmbedded) {
    const scheme = ["light", "dark"].find((each) => location.hash === `#${each}`);
    if (scheme) document.documentElement.style.colorScheme = scheme; // the site's, not the system's
    addEventListener("message", onMessage);
    setTimeout(() => resolveHello({ identity: null }), HELLO_TIMEOUT);
    document.getElementById("close-widget").addEventListener("click", () => post("close"));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) post("close");
    });
  } else {
    resolveHello(fromAddress());
    document.getElementById("close-widget")?.remove(); // there is no widget to close
  }

  window.chat.embedding = {
    isEmbedded,
    hello,
    post,
    isVisible: () => isOpen && !document.hidden,
    onIdentify: (callback) => (onIdentify = callback),
  };
})();
