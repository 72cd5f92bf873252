// telegram-test-api (npm), with what clients of the real API need beside it: a whole getMe, and
// getUpdates that is held until there is something. Prints its port.
"use strict";

const http = require("node:http");
const { setTimeout: sleep } = require("node:timers/promises");
const TelegramServer = require("telegram-test-api");

const ME = { id: 4711, is_bot: true, first_name: "Ada", username: "ada_test_bot" };
const telegram = new TelegramServer({});

async function fieldsOf(request) {
  let body = "";
  for await (const piece of request) body += piece;
  return new URLSearchParams(body);
}

async function waitForUpdates(token, seconds) {
  for (const end = Date.now() + 1000 * seconds; ; await sleep(10)) {
    const updates = telegram.getUpdates(token);
    if (updates.length || Date.now() >= end) return updates;
  }
}

async function answer(request, response) {
  const [, token, method] = request.url.match(/^\/bot([^/]+)\/(getMe|getUpdates)$/) ?? [];
  if (!method) return telegram.webServer(request, response);
  const fields = await fieldsOf(request);
  const result = method === "getMe" ? ME : await waitForUpdates(token, Number(fields.get("timeout")));
  response.setHeader("Content-Type", "application/json");
  return response.end(JSON.stringify({ ok: true, result }));
}

const server = http.createServer(answer);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
