// What browsers get: ui/ with the version in it, into dist/.
const fs = require("node:fs");
const path = require("node:path");
const { version } = require("./package.json");

fs.rmSync("dist", { recursive: true, force: true });
fs.mkdirSync("dist");
for (const name of fs.readdirSync("ui"))
  fs.writeFileSync(path.join("dist", name), fs.readFileSync(path.join("ui", name), "utf8").replaceAll("{{version}}", version));
console.log(`built ${version}`);
