// Redis over its own protocol (RESP 2), as far as the controller needs it: commands whose answers are a line or a text. What a
// cache does not know is no error, and neither is a cache that is not there.
const net = require("node:net");

class Cache {
  constructor(url) {
    this.url = new URL(url);
    this.waiting = [];
    this.rest = "";
  }

  connect() {
    this.socket = net.connect(Number(this.url.port || 6379), this.url.hostname);
    this.socket.setEncoding("utf8");
    this.socket.on("data", (data) => this.read(data));
    this.socket.on("error", () => {});
    this.socket.on("close", () => this.gone());
  }

  gone() {
    this.socket = null;
    this.rest = "";
    this.waiting.splice(0).forEach((resolve) => resolve(null));
  }

  read(data) {
    this.rest += data;
    for (let one; this.waiting.length && (one = reply(this.rest)); ) {
      this.rest = this.rest.slice(one.length);
      this.waiting.shift()(one.value);
    }
  }

  ask(...words) {
    if (!this.socket) this.connect();
    const line = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`).join("");
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.socket.write(`*${words.length}\r\n${line}`);
    });
  }

  end() {
    this.socket?.end();
  }
}

// The first whole answer of a text, or null where it has not come yet.
function reply(text) {
  const end = text.indexOf("\r\n");
  if (end < 0) return null;
  const [kind, line] = [text[0], text.slice(1, end)];
  if (kind !== "$") return { value: kind === "-" ? null : line, length: end + 2 };
  if (line === "-1") return { value: null, length: end + 2 };
  const length = end + 4 + Number(line); // what is kept here is ASCII
  return text.length < length ? null : { value: text.slice(end + 2, length - 2), length };
}

module.exports = { Cache, reply };
