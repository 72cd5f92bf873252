"use strict";

// A separate file, because the Content-Security-Policy forbids inline scripts.
const container = document.getElementById("swagger-ui");

document.documentElement.classList.toggle(
  "dark-mode",
  window.matchMedia("(prefers-color-scheme: dark)").matches,
);

SwaggerUIBundle({
  url: container.dataset.openapi,
  domNode: container,
  presets: [SwaggerUIBundle.presets.apis],
  deepLinking: true,
  validatorUrl: null, // it would send our document to a third-party host
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  persistAuthorization: false,
});
