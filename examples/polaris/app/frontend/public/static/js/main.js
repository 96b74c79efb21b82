// Tells how the page was: its load time to whoever watches, its errors to the backend. The rest is loaded when it is needed.
const id = crypto.randomUUID(), version = document.documentElement.dataset.version;
let errors = 0, load = 0;
addEventListener("error", () => ++errors);
addEventListener("unhandledrejection", () => ++errors);
addEventListener("load", () => setTimeout(() => { load = performance.getEntriesByType("navigation")[0].loadEventStart; }));
addEventListener("pagehide", () => {
  navigator.sendBeacon("/vitals", JSON.stringify([{ name: "page_load", value: load, id, version }]));
  navigator.sendBeacon("/api/sessions", JSON.stringify({ errors }));
});
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/service-worker.js").catch(() => {});
