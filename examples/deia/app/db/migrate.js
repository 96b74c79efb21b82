// node db/migrate.js status | up: files of db/migrations by their numbers, each in one transaction with the row that says so.
const fs = require("node:fs");
const path = require("node:path");
const { Connection } = require("deia-postgres");

const FOLDER = path.join(__dirname, "migrations");

function files() {
  return fs.readdirSync(FOLDER).filter((name) => name.endsWith(".up.sql")).sort();
}

async function pending(database) {
  await database.run("create table if not exists schema_migrations (name text primary key, at timestamptz default now())");
  const there = new Set((await database.query("select name from schema_migrations")).map((one) => one.name));
  return files().filter((name) => !there.has(name));
}

async function apply(database, name) {
  const sql = fs.readFileSync(path.join(FOLDER, name), "utf8");
  await database.run(`begin; ${sql}; insert into schema_migrations (name) values ('${name}'); commit`);
  console.log(`applied ${name}`);
}

async function main(verb) {
  const database = new Connection(process.env.DATABASE_URL);
  await database.ready;
  const left = await pending(database);
  if (left.length === 0) console.log("No pending migrations");
  for (const name of left) {
    if (verb === "up") await apply(database, name);
    else console.log(`pending ${name}`);
  }
  database.end();
}

main(process.argv[2]).catch((problem) => {
  console.error(`ERROR ${problem.message}`);
  process.exit(1);
});
