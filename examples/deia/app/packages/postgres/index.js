// PostgreSQL over its own protocol (version 3), as far as the controller needs it: one query at a time on a connection, texts in
// and out, and a pool of connections.
const net = require("node:net");
const { Scram } = require("./scram");

const bytes = (text) => Buffer.from(text + "\0");
const number = (n) => {
  const out = Buffer.alloc(4);
  out.writeInt32BE(n);
  return out;
};
const short = (n) => number(n).subarray(2);
const message = (type, ...parts) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), number(body.length + 4), body]);
};

class Connection {
  constructor(url) {
    this.url = new URL(url);
    this.rest = Buffer.alloc(0);
    this.waiting = null;
    this.socket = net.connect(Number(this.url.port || 5432), this.url.hostname);
    this.socket.setNoDelay(true);
    this.socket.on("data", (data) => this.read(data));
    this.socket.on("error", (problem) => this.fail(problem));
    this.socket.on("close", () => this.fail(new Error("the database closed the connection")));
    this.ready = this.ask(() => this.greet());
  }

  greet() {
    const words = ["user", decodeURIComponent(this.url.username), "database", this.url.pathname.slice(1), "application_name", "deia"];
    this.socket.write(message("", number(196608), ...words.map(bytes), Buffer.alloc(1)));
  }

  ask(send) {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject, rows: [], columns: [], error: null };
      send();
    });
  }

  fail(problem) {
    this.broken = problem;
    this.waiting?.reject(problem);
    this.waiting = null;
    this.socket.destroy();
  }

  read(data) {
    this.rest = Buffer.concat([this.rest, data]);
    while (this.rest.length >= 5 && this.rest.length > this.rest.readInt32BE(1)) {
      const end = this.rest.readInt32BE(1) + 1;
      const [type, body] = [String.fromCharCode(this.rest[0]), this.rest.subarray(5, end)];
      this.rest = this.rest.subarray(end);
      try {
        this.heard(type, body);
      } catch (problem) {
        this.fail(problem);
      }
    }
  }

  heard(type, body) {
    if (type === "R") this.prove(body.readInt32BE(0), body.subarray(4).toString());
    else if (type === "T") this.waiting.columns = columns(body);
    else if (type === "D") this.waiting.rows.push(row(body, this.waiting.columns));
    else if (type === "E") this.waiting.error = problem(body);
    else if (type === "Z") this.done();
  }

  prove(kind, text) {
    const send = (...parts) => this.socket.write(message("p", ...parts));
    if (kind === 10) {
      this.scram = new Scram(decodeURIComponent(this.url.password));
      const first = Buffer.from(this.scram.begin());
      send(bytes("SCRAM-SHA-256"), number(first.length), first);
    } else if (kind === 11) send(Buffer.from(this.scram.answer(text)));
    else if (kind === 12) this.scram.check(text);
    else if (kind !== 0) throw new Error(`the database asks for a proof (${kind}) that is not known here`);
  }

  done() {
    const { resolve, reject, rows, error } = this.waiting;
    this.waiting = null;
    if (error) reject(error);
    else resolve(rows);
  }

  // Statements without values, several at once: what a file of SQL has.
  run(sql) {
    return this.ask(() => this.socket.write(message("Q", bytes(sql))));
  }

  query(sql, values = []) {
    const texts = values.map((value) => Buffer.from(String(value)));
    const bound = texts.flatMap((text) => [number(text.length), text]);
    return this.ask(() => this.socket.write(Buffer.concat([
      message("P", bytes(""), bytes(sql), short(0)),
      message("B", bytes(""), bytes(""), short(0), short(values.length), ...bound, short(0)),
      message("D", Buffer.from("P\0")),
      message("E", bytes(""), number(0)),
      message("S"),
    ])));
  }

  end() {
    if (!this.broken) this.socket.end(message("X"));
  }
}

function columns(body) {
  const names = [];
  for (let at = 2; at < body.length; at += 18) {
    const end = body.indexOf(0, at);
    names.push(body.subarray(at, end).toString());
    at = end + 1;
  }
  return names;
}

function row(body, names) {
  const out = {};
  let at = 2;
  for (const name of names) {
    const length = body.readInt32BE(at);
    at += 4;
    out[name] = length < 0 ? null : body.subarray(at, (at += length)).toString();
  }
  return out;
}

function problem(body) {
  const fields = Object.fromEntries(body.toString().split("\0").filter(Boolean).map((one) => [one[0], one.slice(1)]));
  return Object.assign(new Error(fields.M), { code: fields.C });
}

// So many connections at most; one that broke is replaced when it is needed next.
class Pool {
  constructor(url, size) {
    this.url = url;
    this.free = size;
    this.idle = [];
    this.queue = [];
  }

  async take() {
    if (this.free === 0) await new Promise((resolve) => this.queue.push(resolve));
    else this.free--;
    let one = this.idle.pop();
    if (!one || one.broken) one = new Connection(this.url);
    return one;
  }

  give(one) {
    if (!one.broken) this.idle.push(one);
    if (this.queue.length) this.queue.shift()();
    else this.free++;
  }

  // All of them are there before the first user is.
  async warm() {
    const all = await Promise.all(Array.from({ length: this.free }, () => this.take()));
    await Promise.all(all.map((one) => one.ready));
    all.forEach((one) => this.give(one));
  }

  async query(sql, values) {
    const one = await this.take();
    try {
      await one.ready;
      return await one.query(sql, values);
    } finally {
      this.give(one);
    }
  }

  end() {
    this.idle.forEach((one) => one.end());
  }
}

module.exports = { Connection, Pool };
