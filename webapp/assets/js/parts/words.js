/* What scripts say; the page carries the words in the reader's language. */

const words = () => document.getElementById("words")?.dataset ?? {};

export const word = (name) => words()[name] ?? "";

const loadedAt = Date.now();

/* Business time: the page's own, carried on by the browser's clock. */
export function now() {
  const told = Date.parse(words().now ?? "");
  return Number.isNaN(told) ? Date.now() : told + (Date.now() - loadedAt);
}

const amount = (unit, n) => word(unit).replace("{n}", n);

/* As `duration` in webapp/i18n.py: the two largest units. */
export function duration(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const units = [["day", days], ["hour", hours], ["minute", minutes]];
  const first = units.findIndex(([, n]) => n > 0);
  if (first < 0) return amount("second", seconds);
  const told = units.slice(first, first + 2).filter(([, n]) => n > 0);
  return told.map(([unit, n]) => amount(unit, n)).join(" ");
}
