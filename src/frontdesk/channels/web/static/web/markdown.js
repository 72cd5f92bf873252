// An agent's Markdown as safe HTML: no raw HTML, no images, and only safe links.
"use strict";

(() => {
  const words = JSON.parse(document.getElementById("chat-words").textContent);
  const md = markdownit({ html: false, linkify: true, breaks: true });
  const escape = md.utils.escapeHtml;
  const SCHEMES = /^(https?:\/\/|mailto:|tel:)/i; // a relative link would lead to this server

  md.linkify.set({ fuzzyLink: false }); // main.py is not a site in Paraguay
  md.validateLink = (url) => SCHEMES.test(url.trim());

  md.renderer.rules.link_open = (tokens, index, options, env, self) => {
    env.isInLink = true;
    tokens[index].attrSet("target", "_blank");
    tokens[index].attrSet("rel", "noopener noreferrer nofollow");
    return self.renderToken(tokens, index, options);
  };
  md.renderer.rules.link_close = (tokens, index, options, env) => {
    env.isInLink = false;
    return "</a>";
  };

  // An image would reveal the reader to its host, so it becomes a link.
  md.renderer.rules.image = (tokens, index, options, env) => {
    const source = tokens[index].attrGet("src");
    const label = escape(tokens[index].content || source);
    if (env.isInLink) return label;
    return `<a href="${escape(source)}" target="_blank" rel="noopener noreferrer nofollow">${label}</a>`;
  };

  function code(tokens, index) {
    const language = tokens[index].info.trim().split(/\s+/)[0];
    return `<div class="code"><div class="code-head"><span>${escape(language)}</span>`
      + `<button type="button" class="code-copy" data-copy-code>${escape(words.copy)}</button></div>`
      + `<pre tabindex="0"><code>${escape(tokens[index].content)}</code></pre></div>`;
  }
  md.renderer.rules.fence = md.renderer.rules.code_block = code;

  // The page's Content-Security-Policy forbids style attributes: the alignment becomes a class.
  function cell(tokens, index, options, env, self) {
    const style = tokens[index].attrGet("style") ?? "";
    tokens[index].attrs = null;
    if (style.includes("right")) tokens[index].attrSet("class", "is-end");
    if (style.includes("center")) tokens[index].attrSet("class", "is-middle");
    return self.renderToken(tokens, index, options);
  }
  md.renderer.rules.th_open = md.renderer.rules.td_open = cell;
  md.renderer.rules.table_open = () => '<div class="table" tabindex="0"><table>\n';
  md.renderer.rules.table_close = () => "</table></div>\n";

  function fragment(tokens, env) {
    const template = document.createElement("template");
    template.innerHTML = md.renderer.render(tokens, md.options, env);
    return template.content;
  }

  const offsetOfLine = (text, line) => {
    let at = 0;
    for (; line > 0; line--) at = text.indexOf("\n", at) + 1;
    return at;
  };

  // Markdown that grows. Only its last block can still change, so only that is rendered again: a
  // long answer costs no more per piece than a short one.
  class GrowingProse {
    constructor(element) {
      Object.assign(this, { element, settled: 0, last: [] });
    }

    show(text) {
      const open = text.slice(this.settled);
      const env = {};
      const tokens = md.parse(open, env);
      const start = tokens.findLastIndex((token) => token.level === 0 && token.nesting >= 0);
      this.last.forEach((node) => node.remove());
      if (start > 0) {
        this.element.append(fragment(tokens.slice(0, start), env));
        this.settled += offsetOfLine(open, tokens[start].map[0]);
      }
      const rest = fragment(tokens.slice(Math.max(start, 0)), env);
      this.last = [...rest.childNodes];
      this.element.append(rest);
    }

    finish(text) {
      // A link's address may be defined many blocks later, so the whole text is rendered.
      if (/^ {0,3}\[[^\]]+\]:/m.test(text)) this.element.replaceChildren(render(text));
      else this.show(text);
    }
  }

  function render(text) {
    const env = {};
    return fragment(md.parse(text, env), env);
  }

  window.chat.markdown = { render, GrowingProse };
})();
