// The box in which the cardholder signs: by finger, pen or mouse; by keyboard a simulated signature.

import { make } from "./dom.js";

const WIDTH = 480;
const HEIGHT = 160;
const STROKES_MAX = 64;
const POINTS_MAX = 1500;
const STEP_MIN = 3; // points closer than this add nothing

// A plain wave with a tail, so that nobody takes it for a person's hand.
const SAMPLE = [
  Array.from({ length: 40 }, (_, at) => [90 + at * 6, Math.round(84 - 34 * Math.sin(at / 2.6) * (1 - at / 52))]),
  Array.from({ length: 14 }, (_, at) => [110 + at * 20, Math.round(128 - at * 0.8)]),
];

export function openSignature(box, onSign) {
  const canvas = make("canvas", { width: WIDTH * 2, height: HEIGHT * 2, tabindex: "0", role: "img" });
  const note = make("p", { class: "sign-note" });
  const clear = make("button", { type: "button", class: "choice plain" });
  const sample = make("button", { type: "button", class: "choice plain" });
  const done = make("button", { type: "button", class: "choice primary act" });
  box.append(note, canvas, make("div", { class: "sign-keys" }, clear, sample, done));
  box.hidden = true;

  let strokes = [];
  let pen = null;
  let words;
  let told = "";

  function redraw() {
    const brush = canvas.getContext("2d");
    brush.setTransform(2, 0, 0, 2, 0, 0);
    brush.clearRect(0, 0, WIDTH, HEIGHT);
    brush.lineWidth = 3;
    brush.lineCap = brush.lineJoin = "round";
    brush.strokeStyle = getComputedStyle(canvas).color;
    for (const stroke of strokes) {
      brush.beginPath();
      brush.moveTo(...stroke[0]);
      for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) brush.lineTo(...point);
      brush.stroke();
    }
    done.disabled = strokes.length === 0;
    canvas.setAttribute("aria-label", `${words.signature}: ${strokes.length === 0 ? words.empty : told || words.signed}`);
  }

  function place(event) {
    const area = canvas.getBoundingClientRect();
    const within = (value, most) => Math.min(most, Math.max(0, Math.round(value)));
    return [
      within(((event.clientX - area.left) / area.width) * WIDTH, WIDTH),
      within(((event.clientY - area.top) / area.height) * HEIGHT, HEIGHT),
    ];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (strokes.length >= STROKES_MAX || !event.isPrimary) return;
    canvas.setPointerCapture(event.pointerId);
    told = "";
    pen = [place(event)];
    strokes.push(pen);
    redraw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (pen === null || strokes.reduce((sum, stroke) => sum + stroke.length, 0) >= POINTS_MAX) return;
    const point = place(event);
    const last = pen[pen.length - 1];
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) < STEP_MIN) return;
    pen.push(point);
    redraw();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (pen = null));
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      signSample();
    }
  });

  function signSample() {
    strokes = SAMPLE.map((stroke) => stroke.slice());
    told = words.sampled;
    redraw();
    note.textContent = words.sampled;
  }
  clear.addEventListener("click", () => {
    strokes = [];
    told = "";
    note.textContent = words.signHere;
    redraw();
  });
  sample.addEventListener("click", signSample);
  done.addEventListener("click", finish);

  function finish() {
    if (strokes.length === 0) return false;
    onSign(strokes);
    return true;
  }

  return {
    finish,
    draw(wanted, wordsNow, lang) {
      const opened = wanted && box.hidden;
      const translated = lang !== box.dataset.drawn;
      words = wordsNow;
      box.hidden = !wanted;
      box.dataset.drawn = lang;
      if (!opened && !translated) return;
      clear.textContent = words.signClear;
      sample.textContent = words.signSample;
      done.textContent = words.signDone;
      if (opened) {
        strokes = [];
        told = "";
      }
      note.textContent = told ? words.sampled : words.signHere;
      if (wanted) redraw();
    },
  };
}
