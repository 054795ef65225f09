// Today follows the host: one stream of events, each the whole page in figures and lines. Text is put in as text alone.

const MARKS = {
  good: "m5 13 4 4L19 7",
  bad: "M6 6l12 12M18 6 6 18",
  warn: "M12 4 3 20h18zM12 10v5M12 17.5v.5",
};
const SVG = "http://www.w3.org/2000/svg";

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function marked(tone, text) {
  const state = element("span", `state ${tone}`);
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", MARKS[tone]);
  icon.append(path);
  state.append(icon, text);
  return state;
}

function cellOf(line, cell, isFirst) {
  const place = element("td", cell.is_amount ? "amount" : "");
  if (isFirst && line.link) {
    const link = element("a", "", cell.text);
    link.href = line.link;
    place.append(link);
  } else if (cell.tone) place.append(marked(cell.tone, cell.text));
  else place.textContent = cell.text;
  return place;
}

function drawLines(name, lines) {
  const body = document.querySelector(`[data-rows="${name}"]`);
  const empty = document.querySelector(`[data-empty="${name}"]`);
  if (body === null) return;
  const focused = document.activeElement?.getAttribute?.("href");
  const rows = lines.map((line) => {
    const row = element("tr");
    row.dataset.row = "";
    row.append(...line.cells.map((cell, at) => cellOf(line, cell, at === 0)));
    return row;
  });
  const wasInside = body.contains(document.activeElement);
  body.replaceChildren(...rows);
  body.closest(".scroll").hidden = lines.length === 0;
  empty.hidden = lines.length > 0;
  // Whoever walks the rows by keyboard stays where they were.
  if (wasInside) [...body.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
}

function draw(today) {
  document.querySelector("#at").textContent = today.at;
  document.querySelector("#change").textContent = today.change_no;
  for (const figure of today.figures) {
    const place = document.querySelector(`[data-figure="${figure.name}"]`);
    if (place !== null && place.textContent !== figure.value) place.textContent = figure.value;
  }
  for (const name of ["payments", "sign_ins", "on_duty"]) drawLines(name, today[name]);
}

// A stream ends each minute and is opened again at once; only one that stays away is told.
const AWAY_MS = 5_000;
const stream = new EventSource(document.querySelector("#today").dataset.live);
const stale = document.querySelector("#stale");
let away;
stream.addEventListener("message", (event) => {
  clearTimeout(away);
  away = undefined;
  stale.hidden = true;
  draw(JSON.parse(event.data));
});
stream.addEventListener("error", () => {
  away ??= setTimeout(() => {
    stale.hidden = false;
  }, AWAY_MS);
});
window.addEventListener("pagehide", () => stream.close());
