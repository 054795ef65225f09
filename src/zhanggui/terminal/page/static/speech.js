// What a screen reader is told. The screen is drawn again each second; it speaks only when its meaning has changed.

const SETTLE_MS = 120; // several screens in a row (a digit, a check, an answer) are told as the last one

export function openSpeech(polite, assertive) {
  let lastHead = "";
  let lastTyped = "";
  let timer = 0;
  let screenAlarms = false;

  function tell(region, text) {
    // The same words again are an announcement too, and a region speaks only of changes.
    region.textContent = region.textContent === text ? `${text}\u00a0` : text;
  }

  // What was urgent is over: somebody who reads on through the page must not come upon it.
  function calm() {
    assertive.textContent = "";
    screenAlarms = false;
  }

  function screen(view, words) {
    const lines = view.lines.map((line) => [line.text, line.right].filter(Boolean).join(" "));
    const head = [view.id, view.tone, view.title, ...(view.tone === "bad" || view.tone === "warn" ? lines : lines.slice(0, 1))];
    const typed = typedIn(view.entry, words);
    // Seconds that run out are told once, when they begin to.
    const headNow = [...head, view.countdown ? "counting" : ""].join("\n");
    if (headNow !== lastHead) {
      // The line that says whom to call names the code already.
      const code = view.code && !head.some((part) => part.includes(view.code)) ? `${words.code} ${view.code}` : "";
      const text = [...head.slice(2), view.countdown && view.countdown.text, code, view.entry && view.entry.label].filter(Boolean).join(" · ");
      clearTimeout(timer);
      if (view.tone === "bad") {
        tell(assertive, text);
        screenAlarms = true;
      } else {
        if (screenAlarms) calm();
        timer = setTimeout(() => tell(polite, text), SETTLE_MS);
      }
    } else if (typed !== lastTyped && typed) {
      clearTimeout(timer);
      timer = setTimeout(() => tell(polite, typed), SETTLE_MS);
    }
    lastHead = headNow;
    lastTyped = typed;
  }

  return {
    screen,
    say: (text) => tell(polite, text),
    alarm(text) {
      tell(assertive, text);
      screenAlarms = false;
    },
    calm,
  };
}

// Digits of a secret are told as their number only.
export function typedIn(entry, words) {
  if (!entry) return "";
  const count = entry.shown.replaceAll(" ", "").length; // blanks only part the figures into groups
  if (entry.kind === "secret") return count ? words.typed(count) : words.empty;
  return entry.shown || words.empty;
}
