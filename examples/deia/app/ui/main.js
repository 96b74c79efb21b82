// Says what /health says: users read it while the system is away, and no longer when it is back.
const WORDS = { maintenance: "System undergoing maintenance", healthy: "Your bots are running." };

async function tell() {
  const answer = await fetch("/health").then((one) => one.json()).catch(() => ({}));
  const word = answer.maintenance ? "maintenance" : answer.status;
  document.getElementById("message").textContent = WORDS[word] ?? "The controller does not answer";
}

setInterval(tell, 2000);
tell();
