// The controller. PORT, DATABASE_URL, OLLAMA_URL, REDIS_URL, JWT_SECRET and MAINTENANCE stand in its environment. While the file
// MAINTENANCE is there /api answers 503, but to who has the pass of the operators: they try what users will meet next.
const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { Pool } = require("deia-postgres");
const { Cache } = require("deia-redis");
const { Bots } = require("./bots");
const { Metrics } = require("./metrics");
const { version } = require("./package.json");
const flaws = require("./flaws.json"); // what is bad about this version, for the story's sake: {} of a good one

const environment = process.env;
const metrics = new Metrics();
const database = new Pool(environment.DATABASE_URL, 4);
const cache = new Cache(environment.REDIS_URL);
const bots = new Bots(database, cache, environment.OLLAMA_URL);
const active = new Set(); // connections on which the API was used
const leaked = [];
let served = 0;

const maintenance = () => fs.existsSync(environment.MAINTENANCE);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function may_pass(request) {
  const wanted = crypto.createHmac("sha256", environment.JWT_SECRET).update("operator").digest("hex");
  return request.headers.authorization === `Bearer ${wanted}`;
}

async function health() {
  const { unread } = await bots.near();
  const status = unread ? "unhealthy" : "healthy";
  return [200, { status, version, active_connections: active.size, maintenance: maintenance(), unread }];
}

async function near() {
  const { latency_ms } = await bots.near();
  return [200, { status: "up", latency_ms }];
}

// What users ask for: with this version's flaws.
async function used(answer) {
  served++;
  if (flaws.leaks) leaked.push(Buffer.alloc(flaws.leaks * 1e6, 1));
  if (flaws.slow_ms) await pause(flaws.slow_ms);
  if (flaws.fails_each && served % flaws.fails_each === 0) throw new Error("a bot has no words");
  return answer();
}

async function body_of(request) {
  let text = "";
  for await (const part of request) if ((text += part).length > 65536) throw Object.assign(new Error("too long"), { status: 413 });
  try {
    return JSON.parse(text || "{}");
  } catch {
    throw Object.assign(new Error("not JSON"), { status: 400 });
  }
}

async function api(request, where) {
  const body = await body_of(request);
  if (maintenance() && !may_pass(request)) return [503, { detail: "System undergoing maintenance" }];
  active.add(request.socket);
  request.socket.once("close", () => active.delete(request.socket));
  if (request.method === "POST" && where === "/api/bot/launch") return used(() => bots.launch(body));
  if (request.method === "POST" && where === "/api/bot/chat") return used(() => bots.chat(body));
  return [404, { detail: "no such thing" }];
}

function page(where) {
  const name = path.join(__dirname, "dist", path.basename(where) || "index.html");
  if (!fs.existsSync(name)) return [404, { detail: "no such page" }];
  return [200, fs.readFileSync(name, "utf8"), name.endsWith(".js") ? "text/javascript" : "text/html"];
}

function answer(request, where) {
  if (where.startsWith("/api/")) return api(request, where);
  if (where === "/health") return health();
  if (where === "/health/db") return near();
  if (where === "/metrics") return [200, metrics.page(), "text/plain; version=0.0.4"];
  return page(where.startsWith("/ui/") ? where : "/");
}

async function take(request, response) {
  const begun = process.hrtime.bigint();
  const where = new URL(request.url, "http://x").pathname;
  let [status, content, kind] = [500, { detail: "internal error" }];
  try {
    [status, content, kind] = await answer(request, where);
  } catch (problem) {
    if (problem.status) [status, content] = [problem.status, { detail: problem.message }];
    else console.log(`ERROR ${request.method} ${where}: ${problem.message}`);
  }
  const headers = { "Content-Type": kind ?? "application/json" };
  if (status === 503) Object.assign(headers, { "Retry-After": "30", Connection: "close" });
  response.writeHead(status, headers).end(kind ? content : JSON.stringify(content));
  metrics.count(where, status, Number(process.hrtime.bigint() - begun) / 1e9);
}

const server = http.createServer(take);
server.keepAliveTimeout = 60000;
database.warm().then(
  () => server.listen(Number(environment.PORT), "127.0.0.1", () => console.log(`INFO deia ${version} listening on port ${environment.PORT}`)),
  (problem) => {
    console.log(`ERROR the database: ${problem.message}`);
    process.exit(1);
  },
);

process.on("SIGTERM", () => {
  console.log("INFO ending");
  server.close(() => {
    database.end();
    cache.end();
    process.exit(0);
  });
  server.closeIdleConnections();
});
