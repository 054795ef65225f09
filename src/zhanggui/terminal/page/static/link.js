// The line to the terminal: one socket that comes back by itself.

const WAITS_MS = [400, 800, 1600, 3200, 6400];
const STEADY_MS = 5000; // a line that held this long starts again with the shortest wait

export function openLink({ onMessage, onUp, onDown }) {
  const address = new URL(`${location.pathname.replace(/\/$/, "")}/live`, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  let socket = null;
  let tries = 0;
  let timer = 0;
  let upAt = 0;

  function connect() {
    clearTimeout(timer);
    socket = new WebSocket(address);
    const mine = socket;
    mine.addEventListener("open", () => {
      upAt = performance.now();
    });
    mine.addEventListener("message", (event) => {
      if (mine !== socket) return;
      const message = JSON.parse(event.data);
      if (message.type === "screen") onUp();
      onMessage(message);
    });
    mine.addEventListener("close", () => {
      if (mine !== socket) return;
      if (upAt && performance.now() - upAt > STEADY_MS) tries = 0;
      upAt = 0;
      socket = null;
      onDown();
      const wait = WAITS_MS[Math.min(tries, WAITS_MS.length - 1)];
      tries += 1;
      timer = setTimeout(connect, wait * (0.8 + Math.random() * 0.4));
    });
  }

  // Back from the browser's page cache or from sleep with a dead line: connect at once, not after the next wait.
  function wake() {
    if (socket === null) {
      tries = 0;
      connect();
    }
  }
  addEventListener("online", wake);
  addEventListener("pageshow", (event) => event.persisted && wake());

  connect();
  return {
    send(message) {
      if (socket === null || socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
  };
}
