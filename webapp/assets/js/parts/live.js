/* Says `live:<topic>` and `live:<topic>:<ref>` on the body when something changed on the server.

   A stream while the tab is seen; where the server has no stream left (204), a question every
   15 seconds. Fragments listen with hx-trigger="live:case:12 from:body". */

const ASK_EVERY = 15000;
const STREAM_AGAIN = 20; // questions after which a stream is tried once more
const GATHER = 150;

const address = document.body.dataset.live;
let last = Number(document.body.dataset.liveSince ?? 0);
let source = null;
let asking = 0;
let asked = 0;
const heard = new Set();

function say() {
  for (const name of heard) document.body.dispatchEvent(new CustomEvent(name));
  heard.clear();
}

function hear({ topic, ref }) {
  if (heard.size === 0) setTimeout(say, GATHER);
  heard.add(`live:${topic}`);
  if (ref) heard.add(`live:${topic}:${ref}`);
}

function stream() {
  source = new EventSource(`${address}?since=${last}`);
  source.addEventListener("open", () => (document.body.dataset.liveBy = "stream"));
  source.addEventListener("message", ({ data, lastEventId }) => {
    last = Number(lastEventId) || last;
    hear(JSON.parse(data));
  });
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) ask();
  });
}

async function ask() {
  stop();
  document.body.dataset.liveBy = "asking";
  asking = setTimeout(async () => {
    const goesOn = await question().catch(() => true);
    asked += 1;
    if (!goesOn) return;
    if (asked % STREAM_AGAIN === 0) start();
    else ask();
  }, ASK_EVERY);
}

/* Returns whether it is worth asking again: not after signing out. */
async function question() {
  const answer = await fetch(`${address}/since/${last}`, {
    headers: { Accept: "application/json" },
    redirect: "error",
  });
  if (answer.status === 200) {
    const { id, events } = await answer.json();
    last = id;
    events.forEach(hear);
  }
  return answer.status < 400 || answer.status >= 500;
}

function stop() {
  source?.close();
  source = null;
  clearTimeout(asking);
}

function start() {
  stop();
  if (!document.hidden) stream();
}

if (address) {
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", ({ persisted }) => persisted && start());
  start();
}
