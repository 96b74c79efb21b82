// Tells whoever watches how the page was: its load time, and how many errors it met. The rest is loaded when it is needed.
const id = crypto.randomUUID(), version = document.documentElement.dataset.version;
let errors = 0, load = 0;
addEventListener("error", () => ++errors);
addEventListener("unhandledrejection", () => ++errors);
addEventListener("load", () => setTimeout(() => { load = performance.getEntriesByType("navigation")[0].loadEventStart; }));
addEventListener("pagehide", () => {
  const told = { page_load: load, errors };
  navigator.sendBeacon("/vitals", JSON.stringify(Object.entries(told).map(([name, value]) => ({ name, value, id, version }))));
});
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/service-worker.js").catch(() => {});
