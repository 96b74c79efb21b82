// What the controller is for: bots are launched, and chatted with. Rows in PostgreSQL, what was said last in Redis, words from Ollama.
class Bots {
  constructor(database, cache, ollama) {
    Object.assign(this, { database, cache, ollama });
  }

  async launch({ bot_id: id }) {
    if (typeof id !== "string" || !/^[\w-]{1,64}$/.test(id)) return [400, { detail: "bot_id is a name" }];
    await this.database.query("insert into bots (bot_id) values ($1) on conflict (bot_id) do update set launched = now()", [id]);
    await this.cache.ask("SET", `bot:${id}`, "launched");
    return [200, { bot_id: id, state: "launched" }];
  }

  async chat({ bot_id: id, text }) {
    if (typeof id !== "string" || typeof text !== "string") return [400, { detail: "bot_id and text are texts" }];
    const said = await this.words(text);
    await this.database.query("insert into chat_messages (bot_id, text) values ($1, $2)", [id, text]);
    await this.cache.ask("SET", `bot:${id}`, "chatting");
    return [200, { bot_id: id, text: said }];
  }

  async words(text) {
    const answer = await fetch(`${this.ollama}/api/generate`, {
      method: "POST",
      body: JSON.stringify({ model: "llama3.2:1b", prompt: text, stream: false }),
    });
    if (!answer.ok) throw new Error(`Ollama answers ${answer.status}`);
    return (await answer.json()).response;
  }

  // How far the database is, and whether all that users wrote can be read.
  async near() {
    const begun = process.hrtime.bigint();
    const [{ unread }] = await this.database.query("select count(*) as unread from chat_messages where text is null");
    return { latency_ms: Number(process.hrtime.bigint() - begun) / 1e6, unread: Number(unread) };
  }
}

module.exports = { Bots };
