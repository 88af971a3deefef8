/* Keeps "2 h 10 m" true while the page stays open. */
import { duration, now } from "./words.js";

const EVERY = 20000;

function refresh() {
  for (const time of document.querySelectorAll("time[data-distance]")) {
    const text = duration(Date.parse(time.dateTime) - now());
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
