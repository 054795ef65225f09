// Tells a hand from a scanner, which is a keyboard that types what it reads, with Enter behind it.
//
// A burst is taken whole, where a code is awaited, or not at all: a part of it must not become half a password, an amount, an operator's
// number, or a press of a focused button. So a key waits until the next one shows that a hand has pressed it, or until it is late enough.
// Every key counts, also those that mean nothing to the terminal: a code may be ABC-1, and some scanners send Tab, Ctrl+J or Alt with digits.

const HAND_MS = 30; // no hand is faster from key to key three times running; two quick keys may be a rolling hand
const HAND_KEYS = 2;
const STEADY_MS = 50; // a slow scanner: more digits than a password has, each sooner than a hand's
const STEADY_KEYS = 12;
const QUIET_MS = 150; // a burst is over when nothing came for so long
const TWIN_MS = 50; // an input method may give one key twice: without its name, then with it
const SILENT = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "Fn", "FnLock", "Hyper", "Super"]);

// `onPress(press)` is a key of a hand, as `hold` was given it. `onBurst()`: a burst begins, and none of it is pressed. Where `whole()` said
// so when it began, `onScan(keys, text)` has it at its end instead: each key's meaning, null for one that has none; and its characters.
// `onDropped(text)` has the characters of a burst that was told of, at its end: what it was can be said, and nothing more.
export function watchHands({ keyOf, deaf, whole, onPress, onBurst, onScan, onDropped }) {
  let lastAt = -Infinity;
  let quick = 0;
  let steady = 0;
  let run = []; // what was typed since the last pause: what each key means to the terminal,
  let said = []; // and the character that it is
  let held = [];
  let bursting = false;
  let scanning = false;
  let dropping = false;
  let timer = 0;
  let nameless = { code: "", at: -Infinity };

  function release() {
    if (bursting) return;
    clearTimeout(timer);
    const presses = held;
    held = [];
    presses.forEach(onPress);
  }

  function end() {
    bursting = false;
    if (scanning) onScan(run, said.join(""));
    else if (dropping) onDropped(said.join(""));
    scanning = dropping = false;
    run = [];
    said = [];
  }

  function begin() {
    bursting = true;
    held = [];
    if (deaf()) return;
    scanning = whole();
    dropping = !scanning;
    if (dropping) onBurst();
  }

  function isTwin(event) {
    const hasName = event.key.length === 1;
    const twin = hasName && event.code !== "" && event.code === nameless.code && event.timeStamp - nameless.at < TWIN_MS;
    nameless = hasName ? { code: "", at: -Infinity } : { code: event.code, at: event.timeStamp };
    return twin;
  }

  function swallow(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // Before anything else on the page: what a scanner types presses no button and starts no shortcut of the browser.
  addEventListener(
    "keydown",
    (event) => {
      if (SILENT.has(event.key)) return;
      if (event.repeat) {
        if (bursting) swallow(event);
        return;
      }
      if (isTwin(event)) return swallow(event);
      const gap = event.timeStamp - lastAt;
      lastAt = event.timeStamp;
      quick = gap < HAND_MS ? quick + 1 : 1;
      steady = event.key.length !== 1 ? 0 : gap < STEADY_MS ? steady + 1 : 1;
      if (!bursting) {
        if (gap >= HAND_MS) release();
        if (gap >= STEADY_MS) [run, said] = [[], []];
        if (quick > HAND_KEYS || steady > STEADY_KEYS) begin();
      }
      run.push(keyOf(event));
      if (event.key.length === 1) said.push(event.key);
      if (!bursting) return;
      swallow(event);
      clearTimeout(timer);
      timer = setTimeout(end, QUIET_MS);
    },
    { capture: true },
  );

  // The last key before the page goes is pressed, too.
  addEventListener("pagehide", release);

  return {
    release,
    hold(press) {
      held.push(press);
      clearTimeout(timer);
      timer = setTimeout(release, HAND_MS);
    },
  };
}
