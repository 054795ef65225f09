// The line to the terminal: one socket that comes back by itself. An open socket may lead nowhere (a cable, a relay, a machine that slept),
// so the page asks for a sign of life and believes nothing else.

const WAITS_MS = [400, 800, 1600, 3200];
const STEADY_MS = 5000; // a line that held this long starts again with the shortest wait
const ASK_MS = 2500; // nothing heard for so long: ask
const ANSWER_MS_MAX = 5000; // together with LOOK_MS a dead line shows within 8.5 s
const OPEN_MS_MAX = 5000;
const LOOK_MS = 500;
const SLEPT_MS = 4000; // the browser did not let us look: a machine that slept, or a tab in the background
const PING = JSON.stringify({ type: "ping" });

export function openLink({ onMessage, onUp, onDown }) {
  const address = new URL(`${location.pathname.replace(/\/$/, "")}/live`, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  let socket = null;
  let up = false; // the terminal's screen has come over this socket
  let tries = 0;
  let timer = 0;
  let upAt = 0;
  let heardAt = 0;
  let askedAt = null;
  let lookedAt = performance.now();

  function connect() {
    clearTimeout(timer);
    const mine = new WebSocket(address);
    socket = mine;
    heard();
    mine.addEventListener("message", (event) => {
      if (mine !== socket) return;
      heard();
      const message = JSON.parse(event.data);
      if (message.type === "pong") return;
      if (message.type === "screen") {
        if (!up) upAt = heardAt;
        up = true;
        onUp();
      }
      onMessage(message);
    });
    mine.addEventListener("close", () => mine === socket && lost());
  }

  function heard() {
    heardAt = performance.now();
    askedAt = null;
  }

  function lost() {
    socket = null;
    if (up && performance.now() - upAt > STEADY_MS) tries = 0;
    up = false;
    onDown();
    const wait = WAITS_MS[Math.min(tries, WAITS_MS.length - 1)];
    tries += 1;
    clearTimeout(timer);
    timer = setTimeout(connect, wait * (0.8 + Math.random() * 0.4));
  }

  // What a dead line still holds is of no use to anybody: it is let go before another is opened.
  function drop() {
    const dead = socket;
    socket = null;
    dead.close();
    lost();
  }

  function ask() {
    if (askedAt !== null || socket === null || socket.readyState !== WebSocket.OPEN) return;
    askedAt = performance.now();
    socket.send(PING);
  }

  function look() {
    const now = performance.now();
    const slept = now - lookedAt > SLEPT_MS;
    lookedAt = now;
    if (socket === null) return;
    // Time in which nobody looked proves nothing against the line.
    if (slept) heard();
    if (slept && up) ask();
    else if (now - (askedAt ?? heardAt) > (up ? ANSWER_MS_MAX : OPEN_MS_MAX)) drop();
    else if (up && now - heardAt > ASK_MS) ask();
  }
  setInterval(look, LOOK_MS);

  // Back from the browser's page cache, from sleep or from another tab: look at once, not after the next wait.
  function wake() {
    if (socket === null) {
      tries = 0;
      connect();
    } else if (up) ask();
  }
  addEventListener("online", wake);
  addEventListener("pageshow", (event) => event.persisted && wake());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());

  connect();
  return {
    // False when nothing was sent: then nothing will be sent later either.
    send(message) {
      if (!up || socket === null || socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
  };
}
