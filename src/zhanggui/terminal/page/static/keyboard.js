// The computer's keyboard as the terminal's: 0–9 (numpad too), Enter 确认, Esc 取消, Backspace 清除; letters where a user name
// or a line of text may be typed; on keypad models also * # ↑ ↓.
// What a scanner types is told from a hand (hands.js) before any of it is a key of the terminal.

import { watchHands } from "./hands.js";

const NAMED = { Enter: "enter", Escape: "cancel", Backspace: "clear" };
const RUBBER = { "*": "*", "#": "#", ArrowUp: "up", ArrowDown: "down" };
const BY_CODE = { NumpadEnter: "Enter" };
const OWN_ENTER = "button, a[href], summary, input, canvas";
const OWN_ARROWS = "input, .ask[tabindex]";
const NAMELESS = new Set(["", "Process", "Unidentified", "Dead"]); // what an input method leaves of a key's name
const WIDE_FIRST = 0xff01; // "！": full-width forms are ASCII's, in its order
const WIDE_LAST = 0xff5e;
const WIDE_STEP = 0xfee0;

// `now()` is what stands on the screen while a key goes down, and goes to `onKey` with that key. `takesScan()` tells whether a whole code
// may be scanned there: then `onScan` has all its keys, where `onBurst` is told that a burst was dropped, and `onDropped` what it was.
export function listenToKeyboard({ touch, now, blocked, escape, takesScan, onKey, onBurst, onScan, onDropped }) {
  const hands = watchHands({
    keyOf: (event) => keyOf(event, touch, now()),
    deaf: blocked,
    whole: takesScan,
    onPress: (press) => onKey(press.key, press.at),
    onBurst,
    onScan,
    onDropped,
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || blocked()) return;
    const key = keyOf(event, touch, now());
    if (key === null) return;
    const target = event.target instanceof Element ? event.target : document.body;
    // Enter on a focused button presses that button, and is then not the terminal's key too.
    if (key === "enter" && target.matches(OWN_ENTER)) {
      if (event.repeat) event.preventDefault();
      else hands.release();
      return;
    }
    if ((key === "up" || key === "down") && target.matches(OWN_ARROWS)) return;
    event.preventDefault();
    // A key that is held down is one press.
    if (event.repeat) return;
    if (key === "cancel" && escape()) return;
    hands.hold({ key, at: now() });
  });

  return { release: hands.release };
}

function keyOf(event, touch, on) {
  const numpad = /^Numpad([0-9])$/.exec(event.code);
  if (numpad) return numpad[1];
  const name = NAMELESS.has(event.key) ? byCode(event) : narrow(event.key);
  if (/^[0-9]$/.test(name)) return name;
  // Where a line of text is typed, the space bar is its key for a blank; on a focused button it presses that.
  if (name === " " && on?.entry?.kind === "line" && !event.target.matches?.(OWN_ENTER)) return "_";
  if (on?.letters && /^[a-z._-]$/i.test(name)) return name.toLowerCase();
  return NAMED[name] ?? (touch ? null : (RUBBER[name] ?? null));
}

// With an input method on, a key has no name; which one it is says its place.
function byCode(event) {
  const digit = /^Digit([0-9])$/.exec(event.code);
  const letter = /^Key([A-Z])$/.exec(event.code);
  if (letter) return letter[1];
  if (digit) return event.shiftKey ? "" : digit[1];
  return BY_CODE[event.code] ?? event.code;
}

// ０ is 0: in full-width mode the top row types wide digits.
function narrow(name) {
  const point = name.length === 1 ? name.charCodeAt(0) : 0;
  return point >= WIDE_FIRST && point <= WIDE_LAST ? String.fromCharCode(point - WIDE_STEP) : name;
}
