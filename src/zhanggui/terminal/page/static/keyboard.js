// The computer's keyboard as the terminal's: 0–9 (numpad too), Enter 确认, Esc 取消, Backspace 清除; on keypad models also * # ↑ ↓.

const NAMED = { Enter: "enter", Escape: "cancel", Backspace: "clear" };
const RUBBER = { "*": "*", "#": "#", ArrowUp: "up", ArrowDown: "down" };
const OWN_ENTER = "button, a[href], summary, input, canvas";
const OWN_ARROWS = "input, .ask[tabindex]";

export function listenToKeyboard({ touch, blocked, escape, onKey }) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || blocked()) return;
    const key = keyOf(event, touch);
    if (key === null) return;
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
