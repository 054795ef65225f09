// The computer's keyboard as the terminal's: 0–9 (numpad too), Enter 确认, Esc 取消, Backspace 清除; on keypad models also * # ↑ ↓.

const NAMED = { Enter: "enter", Escape: "cancel", Backspace: "clear" };
const RUBBER = { "*": "*", "#": "#", ArrowUp: "up", ArrowDown: "down" };
const OWN_ENTER = "button, a[href], summary, input, canvas";
const OWN_ARROWS = "input, .ask[tabindex]";
const HAND_MS = 25; // no hand is faster from key to key; a scanner that types what it reads is

export function listenToKeyboard({ touch, blocked, secret, escape, onKey }) {
  let lastAt = -Infinity;
  let quick = 0;

  // A code that is scanned while a password is asked for must not become one, and its Enter must not send one: from the third
  // key of a burst on, and for an Enter right behind another key, nothing is pressed. Two quick keys may be a rolling hand.
  function fromScanner(event, key) {
    quick = event.timeStamp - lastAt < HAND_MS ? quick + 1 : 0;
    lastAt = event.timeStamp;
    return quick > 1 || (quick > 0 && key === "enter");
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || blocked()) return;
    const key = keyOf(event, touch);
    if (key === null) return;
    if (!event.repeat && fromScanner(event, key) && secret()) {
      event.preventDefault();
      return;
    }
    const target = event.target instanceof Element ? event.target : document.body;
    // Enter on a focused button presses that button, and is then not the terminal's key too.
    if (key === "enter" && target.matches(OWN_ENTER)) {
      if (event.repeat) event.preventDefault();
      return;
    }
    if ((key === "up" || key === "down") && target.matches(OWN_ARROWS)) return;
    event.preventDefault();
    // A key that is held down is one press.
    if (event.repeat) return;
    if (key === "cancel" && escape()) return;
    onKey(key);
  });
}

function keyOf(event, touch) {
  if (/^[0-9]$/.test(event.key)) return event.key;
  const numpad = /^Numpad([0-9])$/.exec(event.code);
  if (numpad) return numpad[1];
  return NAMED[event.key] ?? (touch ? null : (RUBBER[event.key] ?? null));
}
