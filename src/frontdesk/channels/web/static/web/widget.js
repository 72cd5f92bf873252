// The chat on any site: a button in the corner with a frame above it. It takes one script tag:
//
//   <script src="https://desk.example/widget.js" data-agent="…" async></script>
//
// Optional: data-user and data-signature, or data-jwt (who the visitor is, signed by the site),
// data-open (open at once), data-position="left". Scripts of the site may call Frontdesk.open(),
// Frontdesk.close() and Frontdesk.identify({user, signature} or {jwt}).
//
// It uses a shadow tree and a style sheet made by script, so that neither the site's styles nor its
// Content-Security-Policy (which must allow our origin for script-src, connect-src and frame-src)
// interfere, and so that the site only sees window.Frontdesk.
"use strict";

(() => {
  const script = document.currentScript;
  if (window.Frontdesk || !script) return; // loaded twice
  const agent = script.dataset.agent ?? "";
  const desk = new URL(script.src).origin;
  const address = `${desk}/chat/${encodeURIComponent(agent)}`;
  const SVG = "http://www.w3.org/2000/svg";

  const HUES = { // as in chat.css: hue and chroma
    grey: [85, 0.012], red: [25, 0.16], orange: [50, 0.12], yellow: [85, 0.095], green: [150, 0.11],
    teal: [185, 0.08], blue: [252, 0.14], violet: [290, 0.17], pink: [355, 0.16],
  };
  const STYLES = `
    :host { all: initial !important; }
    * { box-sizing: border-box; }
    .button {
      position: fixed; z-index: 2147483000; bottom: max(20px, env(safe-area-inset-bottom)); right: 20px; display: grid; place-items: center;
      width: 56px; height: 56px; padding: 0; border: 0; border-radius: 50%; background: var(--accent); color: #fff; cursor: pointer;
      box-shadow: 0 2px 6px rgb(0 0 0 / .16), 0 10px 28px rgb(0 0 0 / .2); touch-action: manipulation; -webkit-tap-highlight-color: transparent;
      transition: transform .15s, background .15s;
    }
    .button:hover { background: var(--strong); transform: scale(1.05); }
    .button:active { transform: scale(.96); }
    .button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    .button svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
    .is-open .button .chat, .root:not(.is-open) .button .down { display: none; }
    .dot { position: absolute; top: 1px; right: 1px; width: 14px; height: 14px; border: 2px solid #fff; border-radius: 50%; background: #d6293e; }
    .panel {
      position: fixed; z-index: 2147483001; bottom: calc(max(20px, env(safe-area-inset-bottom)) + 68px); right: 20px;
      width: 380px; height: min(600px, calc(100dvh - 108px)); border-radius: 18px; overflow: hidden; background: Canvas;
      box-shadow: 0 0 0 1px rgb(0 0 0 / .06), 0 4px 12px rgb(0 0 0 / .08), 0 20px 56px rgb(0 0 0 / .24); transform-origin: bottom right; animation: rise .18s ease-out;
    }
    .is-left .button, .is-left .panel { right: auto; left: 20px; }
    .is-left .panel { transform-origin: bottom left; }
    .root:not(.is-open) .panel, .dot[hidden] { display: none; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    @keyframes rise { from { opacity: 0; transform: translateY(12px) scale(.97); } }
    @media (max-width: 480px), (max-height: 480px) {
      .panel, .is-left .panel { inset: 0; width: 100%; height: 100dvh; border-radius: 0; box-shadow: none; }
      .is-open .button { display: none; }
    }
    @media print { .root { display: none; } }
    @media (prefers-reduced-motion: reduce) { .button, .panel { animation: none; transition: none; } }
  `;

  let identity = { user: script.dataset.user, signature: script.dataset.signature, jwt: script.dataset.jwt };
  let parts = null; // set once the button exists
  let frame = null; // set once it has been opened
  let isLoaded = false; // whether the frame listens
  let shouldOpen = "open" in script.dataset; // as soon as the button exists
  let opener = null; // the element that had the focus

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function icon(name, path) {
    const svg = document.createElementNS(SVG, "svg");
    const line = document.createElementNS(SVG, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", name);
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }

  // --- the button and its panel ------------------------------------------------------------

  function draw({ name, color, dir, language, words }) {
    const [hue, chroma] = HUES[color] ?? HUES.blue;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`${STYLES} .root { --accent: oklch(48% ${chroma} ${hue}); --strong: oklch(42% ${chroma} ${hue}); }`);
    const dot = make("span", { className: "dot", hidden: true });
    const bubble = icon("chat", "M12 4c5 0 8.5 3.2 8.5 7.2s-3.5 7.2-8.5 7.2a10.5 10.5 0 0 1-3-.43L4.5 20l1.2-3.7A6.7 6.7 0 0 1 3.5 11.2C3.5 7.2 7 4 12 4z");
    const button = make("button", { className: "button", type: "button" }, bubble, icon("down", "m6 9.5 6 6 6-6"), dot);
    const panel = make("div", { className: "panel" });
    const root = make("div", { className: "root", dir, lang: language }, panel, button);
    root.style.colorScheme = schemeOfSite();
    root.classList.toggle("is-left", script.dataset.position === "left");
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", name);
    const host = document.createElement("frontdesk-widget");
    const shadow = host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(root);
    parts = { host, root, panel, button, dot, name, words, sheet };
    label();
    button.addEventListener("click", () => (isOpen() ? close() : open()));
    root.addEventListener("keydown", (event) => event.key === "Escape" && isOpen() && close());
    document.body.append(host);
    if (shouldOpen) open();
  }

  // Light or dark as the site really is, which may differ from the system's preference and from
  // the site's declaration.
  function schemeOfSite() {
    const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    for (const element of [document.body, document.documentElement]) {
      pixel.clearRect(0, 0, 1, 1);
      pixel.fillStyle = getComputedStyle(element).backgroundColor;
      pixel.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
      if (alpha > 127) return 0.3 * red + 0.6 * green + 0.1 * blue < 110 ? "dark" : "light";
    }
    const declared = getComputedStyle(document.documentElement).colorScheme;
    const isDark = declared.includes("dark") && (!declared.includes("light") || matchMedia("(prefers-color-scheme: dark)").matches);
    return isDark ? "dark" : "light";
  }

  const isOpen = () => Boolean(parts?.root.classList.contains("is-open"));

  function label() {
    const word = isOpen() ? parts.words.close_widget : parts.words.open_widget;
    parts.button.setAttribute("aria-label", parts.dot.hidden ? word : `${word} (1)`);
    parts.button.setAttribute("aria-expanded", String(isOpen()));
    parts.button.title = word;
  }

  function open() {
    shouldOpen = true;
    if (!parts || isOpen()) return;
    opener = document.activeElement === parts.host || document.activeElement === document.body ? null : document.activeElement;
    parts.root.classList.add("is-open");
    parts.dot.hidden = true;
    label();
    frame ??= load();
    frame.focus();
    post("opened");
  }

  function close() {
    shouldOpen = false;
    if (!isOpen()) return;
    const hadFocus = document.activeElement === parts.host;
    parts.root.classList.remove("is-open");
    label();
    post("closed");
    if (hadFocus) (opener?.isConnected ? opener : parts.button).focus();
  }

  // --- the frame and its messages --------------------------------------------------------------

  function load() {
    const made = make("iframe", { src: `${address}/embedded#${parts.root.style.colorScheme}`, title: parts.name, allow: "clipboard-write" });
    made.addEventListener("load", () => {
      isLoaded = true;
      post("hello", { ...identity, isOpen: isOpen(), page: location.origin + location.pathname });
    });
    parts.panel.append(made);
    return made;
  }

  function post(kind, values = {}) {
    if (isLoaded) frame.contentWindow?.postMessage({ frontdesk: kind, ...values }, desk);
  }

  addEventListener("message", ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== desk) return;
    if (data?.frontdesk === "close") close();
    else if (data?.frontdesk === "answered" && !isOpen()) {
      parts.dot.hidden = false;
      label();
    }
  });

  // --- setup -------------------------------------------------------------------------------

  window.Frontdesk = Object.freeze({
    open,
    close,
    // Who the visitor is from now on; without arguments, an anonymous one.
    identify({ user, signature, jwt } = {}) {
      identity = { user, signature, jwt };
      post("identify", identity);
    },
  });

  async function begin() {
    try {
      const response = await fetch(`${address}/widget`, { credentials: "omit" });
      const body = await response.json();
      if (response.ok) draw(body);
      else console.warn(`Frontdesk: no chat here. ${body.error?.message ?? response.status}`);
    } catch (error) {
      console.warn("Frontdesk: no chat here.", error);
    }
  }

  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();
