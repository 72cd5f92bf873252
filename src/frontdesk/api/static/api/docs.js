"use strict";

// A file of its own, because the content security policy refuses inline scripts.
const place = document.getElementById("swagger-ui");

document.documentElement.classList.toggle(
  "dark-mode",
  window.matchMedia("(prefers-color-scheme: dark)").matches,
);

SwaggerUIBundle({
  url: place.dataset.openapi,
  domNode: place,
  presets: [SwaggerUIBundle.presets.apis],
  deepLinking: true,
  validatorUrl: null, // it would send our document to a third-party host
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  persistAuthorization: false,
});
