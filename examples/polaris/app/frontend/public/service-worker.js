// Keeps what is under /static: it is found there again when the network is slow.
const kept = "polaris-{{version}}";
addEventListener("fetch", (asked) => {
  if (!new URL(asked.request.url).pathname.startsWith("/static/")) return;
  asked.respondWith(caches.open(kept).then(async (shelf) => {
    const found = await shelf.match(asked.request);
    if (found) return found;
    const answer = await fetch(asked.request);
    if (answer.ok) shelf.put(asked.request, answer.clone());
    return answer;
  }));
});
