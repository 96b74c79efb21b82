// SCRAM-SHA-256 (RFC 7677), as PostgreSQL asks for it, without channel binding.
const crypto = require("node:crypto");

const hmac = (key, text) => crypto.createHmac("sha256", key).update(text).digest();
const xor = (a, b) => Buffer.from(a.map((byte, i) => byte ^ b[i]));

class Scram {
  constructor(password) {
    this.password = password;
    this.first = `n=,r=${crypto.randomBytes(18).toString("base64")}`;
  }

  begin() {
    return `n,,${this.first}`;
  }

  answer(challenge) {
    const given = Object.fromEntries(challenge.split(",").map((part) => [part[0], part.slice(2)]));
    if (!given.r.startsWith(this.first.slice(5))) throw new Error("the server's nonce is not ours");
    const salted = crypto.pbkdf2Sync(this.password, Buffer.from(given.s, "base64"), Number(given.i), 32, "sha256");
    const client = hmac(salted, "Client Key");
    const bare = `c=biws,r=${given.r}`;
    const text = `${this.first},${challenge},${bare}`;
    const stored = crypto.createHash("sha256").update(client).digest();
    this.server = hmac(hmac(salted, "Server Key"), text).toString("base64");
    return `${bare},p=${xor(client, hmac(stored, text)).toString("base64")}`;
  }

  check(end) {
    if (end !== `v=${this.server}`) throw new Error("the server does not know the password either");
  }
}

module.exports = { Scram };
