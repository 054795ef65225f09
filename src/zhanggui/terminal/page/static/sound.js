// Two short tones when a payment came about, one low one when it did not. Off by the button on top; the choice stays in this browser.

const KEPT = "zhanggui-sound";
const OFF = "off";
const GOOD = [880, 1320];
const BAD = [220];
const TONE_S = 0.12;
const LOUDNESS = 0.08;
const DONE = new Set(["printing", "sign_here", "answer", "own_paid"]);
const REFUSED = new Set(["sale_refused"]);
const ASKING = new Set(["selling", "own_code"]); // only what the host has just said sounds: a reprint took nothing in
const ARRIVES = "own_paid"; // by the card on the counter too, which nobody at the terminal asked for: then from any screen

export function openSound(button) {
  let context = null;
  let on = kept() !== OFF;
  let last = "";

  button.addEventListener("click", () => {
    on = !on;
    keep(on ? "on" : OFF);
    button.setAttribute("aria-pressed", String(on));
    if (on) play(GOOD);
  });
  button.setAttribute("aria-pressed", String(on));

  // A browser lets a page sound only after somebody touched it; a terminal was touched long before a payment is done.
  function play(tones) {
    if (!on || typeof AudioContext === "undefined") return;
    context ??= new AudioContext();
    if (context.state === "suspended") context.resume();
    tones.forEach((hertz, at) => {
      const tone = new OscillatorNode(context, { frequency: hertz });
      const volume = new GainNode(context, { gain: LOUDNESS });
      tone.connect(volume).connect(context.destination);
      tone.start(context.currentTime + at * TONE_S);
      tone.stop(context.currentTime + (at + 1) * TONE_S);
    });
    document.body.dataset.sounded = tones === GOOD ? "good" : "bad";
  }

  return {
    screen(view) {
      const asked = ASKING.has(last) || (view.id === ARRIVES && last !== "" && last !== ARRIVES);
      last = view.id;
      if (asked && DONE.has(view.id)) play(GOOD);
      if (asked && REFUSED.has(view.id)) play(BAD);
    },
  };
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(value) {
  try {
    localStorage.setItem(KEPT, value);
  } catch {
    // Without storage the choice holds until the page is closed.
  }
}
