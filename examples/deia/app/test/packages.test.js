const assert = require("node:assert");
const test = require("node:test");
const { reply } = require("deia-redis");
const { Metrics } = require("../metrics");
const { Bots } = require("../bots");

test("an answer of Redis that came in part is waited for", () => {
  assert.strictEqual(reply("$5\r\nhel"), null);
  assert.deepStrictEqual(reply("$5\r\nhello\r\n+OK\r\n"), { value: "hello", length: 11 });
  assert.deepStrictEqual(reply("$-1\r\n"), { value: null, length: 5 });
});

test("requests are counted by path and status", () => {
  const metrics = new Metrics();
  metrics.count("/api/bot/chat", 200, 0.02);
  metrics.count("/api/bot/chat", 500, 3);
  assert.match(metrics.page(), /http_requests_total\{path="\/api\/bot\/chat",status="500"\} 1/);
  assert.match(metrics.page(), /le="0.025"\} 1\n/);
});

test("a bot has a name", async () => {
  assert.strictEqual((await new Bots().launch({ bot_id: "a b" }))[0], 400);
});
