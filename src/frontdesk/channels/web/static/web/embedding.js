// Who the visitor is said to be: by the site around this page, or by this page's address.
"use strict";

(() => {
  const origins = JSON.parse(document.getElementById("chat-origins").textContent);
  const isEmbedded = document.documentElement.classList.contains("is-embedded") && window.parent !== window;
  const PATIENCE = 3000; // ms: then it is a frame that a site made without the widget
  let site = null; // the origin of the site around this page, as soon as it has said hello
  let isOpen = !isEmbedded;
  let onIdentify = () => {};
  let greet;
  const hello = new Promise((resolve) => (greet = resolve));

  function tell(kind) {
    if (site) window.parent.postMessage({ frontdesk: kind }, site);
  }

  // Only what the server takes, and only as texts: the site is not trusted with more.
  function identityOf({ user, signature, jwt }) {
    const known = Object.entries({ user, signature, jwt }).filter(([, value]) => typeof value === "string" && value);
    return known.length ? Object.fromEntries(known) : null;
  }

  function hear({ source, origin, data }) {
    if (source !== window.parent || !origins.includes(origin) || typeof data?.frontdesk !== "string") return;
    site = origin;
    const identity = identityOf(data);
    if (data.frontdesk === "hello") {
      isOpen = data.isOpen === true;
      greet({ identity, page: typeof data.page === "string" ? data.page : undefined });
      tell("ready");
    } else if (data.frontdesk === "identify") onIdentify(identity);
    else if (data.frontdesk === "opened" || data.frontdesk === "closed") {
      isOpen = data.frontdesk === "opened";
      if (isOpen) window.chat.composer.focus();
    }
  }

  // On the hosted page it stands in the address, which must not be kept or passed on with it.
  function fromAddress() {
    const address = new URL(location.href);
    const values = Object.fromEntries(address.searchParams);
    ["user", "signature", "jwt", "link"].forEach((name) => address.searchParams.delete(name));
    if (address.href !== location.href) history.replaceState(null, "", address);
    return { identity: identityOf(values), link: values.link };
  }

  if (isEmbedded) {
    const scheme = ["light", "dark"].find((each) => location.hash === `#${each}`);
    if (scheme) document.documentElement.style.colorScheme = scheme; // the site's, whatever the system's is
    addEventListener("message", hear);
    setTimeout(() => greet({ identity: null }), PATIENCE);
    document.getElementById("close-widget").addEventListener("click", () => tell("close"));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) tell("close");
    });
  } else {
    greet(fromAddress());
    document.getElementById("close-widget")?.remove(); // nobody is there to close it
  }

  window.chat.embedding = {
    isEmbedded,
    hello,
    tell,
    isSeen: () => isOpen && !document.hidden,
    onIdentify: (callback) => (onIdentify = callback),
  };
})();
