// What the settings add to console.js. Every section works without it.
"use strict";

(() => {
  const showCurrent = () => {
    // On a phone the sections are a scrolling strip; scroll to the current one.
    const current = document.querySelector(".settings-nav [aria-current]");
    const strip = current?.closest("ul");
    if (strip) strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
  };

  showCurrent();

  // --- a form with a large file: shows how much has been sent ----------------------------------

  function upload(form) {
    const part = form.querySelector(".upload-progress");
    const [bar, words] = [part.querySelector("progress"), part.querySelector("[role=status]")];
    const button = form.querySelector("[type=submit]");
    const request = new XMLHttpRequest();
    const run = (isRunning) => {
      button.disabled = isRunning;
      bar.hidden = !isRunning;
      part.hidden = false;
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = Math.floor((100 * loaded) / total);
      words.textContent = loaded < total ? `${words.dataset.uploading} ${bar.value} %` : words.dataset.stored;
    });
    request.addEventListener("error", () => {
      run(false);
      words.textContent = words.dataset.failed;
    });
    request.addEventListener("load", () => {
      if (request.status < 400) return location.assign(request.responseURL);
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const content = page.getElementById("content");
      if (!content) return run(false);
      document.getElementById("content").replaceWith(content);
      htmx.process(content);
      content.querySelector("[aria-invalid=true]")?.focus();
    });
    run(true);
    request.open("POST", form.action);
    request.send(new FormData(form));
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-upload]") || event.defaultPrevented) return;
    const [file] = event.target.querySelector("[type=file]").files;
    if (!file) return; // the server says what is missing
    event.preventDefault();
    if (file.size <= Number(event.target.dataset.upload)) return upload(event.target);
    const words = event.target.querySelector(".upload-progress [role=status]");
    words.textContent = words.dataset.large;
    words.parentElement.hidden = false;
    words.parentElement.querySelector("progress").hidden = true;
  });

  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.target?.id !== "content") return;
    showCurrent();
    const content = document.getElementById("content");
    if (ctx.sourceElement.matches("form")) (content.querySelector("[aria-invalid=true]") ?? content).focus();
  });
})();
