// A customer's phone: it shows codes, hears what a shop asks, and pays. Passwords leave in one request and stay nowhere.

const SECOND_MS = 1000;
const QUIET_MODULES = 4;
const SVG = "http://www.w3.org/2000/svg";
const main = document.querySelector("main");
const here = location.pathname;
const by = (id) => document.getElementById(id);
const [said, asked, scanForm, scanMore] = [by("said"), by("asked"), by("scan"), by("scan-more")];
let codeUntil = 0;
let asking = null;

by("refresh").addEventListener("click", showCode);
by("answer").addEventListener("submit", (event) => {
  event.preventDefault();
  answer(true);
});
by("refuse").addEventListener("click", () => answer(false));
by("behaviour").addEventListener("change", (event) => act("behaviour", { behaviour: event.target.value }));
by("scan-text").addEventListener("input", () => openScan(null));
scanForm.addEventListener("submit", (event) => {
  event.preventDefault();
  scan();
});
setInterval(tick, SECOND_MS);
look();
showCode();
if (by("scan-text").value) scan();

async function act(name, message) {
  const reply = await fetch(`${here}/${name}?lang=${main.dataset.lang}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(message),
  });
  if (!reply.ok) throw new Error(String(reply.status));
  return reply.json();
}

async function showCode() {
  try {
    const code = await act("code", {});
    codeUntil = performance.now() + code.left_s * SECOND_MS;
    draw(code.rows);
    by("digits").textContent = code.digits.replace(/(\d{4})(?=\d)/g, "$1 ");
    by("digits").dataset.digits = code.digits;
  } catch {
    say("bad", main.dataset.failed);
  }
}

function draw(rows) {
  const side = rows.length + 2 * QUIET_MODULES;
  const path = document.createElementNS(SVG, "path");
  const dots = rows.flatMap((row, y) => [...row].map((dot, x) => (dot === "1" ? `M${x + QUIET_MODULES} ${y + QUIET_MODULES}h1v1h-1z` : "")));
  path.setAttribute("d", dots.join(""));
  by("picture").setAttribute("viewBox", `0 0 ${side} ${side}`);
  by("picture").replaceChildren(path);
}

async function tick() {
  const left_s = Math.max(0, Math.ceil((codeUntil - performance.now()) / SECOND_MS));
  by("left").textContent = main.dataset.left.replace("{s}", String(left_s));
  if (codeUntil && left_s === 0) {
    codeUntil = 0;
    showCode();
  }
  look();
}

async function look() {
  try {
    const reply = await fetch(`${here}/now?lang=${main.dataset.lang}`);
    if (!reply.ok) throw new Error(String(reply.status));
    show(await reply.json());
  } catch {
    say("bad", main.dataset.failed);
  }
}

function show(now) {
  by("balance").textContent = now.balance;
  const first = now.orders.find((order) => order.asks);
  if ((first?.order_no ?? null) !== (asking?.order_no ?? null)) {
    asking = first ?? null;
    asked.hidden = asking === null;
    if (asking) {
      asked.querySelector("[data-shop]").textContent = asking.shop;
      asked.querySelector("[data-amount]").textContent = asking.amount;
      by("answer-password").value = "";
      by("answer-password").focus();
    }
  }
  const lines = now.orders.map((order) => {
    const line = document.createElement("li");
    const parts = [["span", order.shop], ["span", `¥${order.amount}`], ["p", `${order.state} · ${order.time}`]];
    line.append(...parts.map(([tag, text]) => Object.assign(document.createElement(tag), { textContent: text })));
    line.lastChild.className = "hint";
    return line;
  });
  if (lines.length === 0) lines.push(Object.assign(document.createElement("li"), { textContent: main.dataset.empty }));
  by("records").replaceChildren(...lines);
}

async function answer(yes) {
  if (!asking) return;
  const password = by("answer-password").value;
  by("answer-password").value = "";
  try {
    told(await act("answer", { merchant_no: asking.merchant_no, order_no: asking.order_no, password, yes }));
  } catch {
    say("bad", main.dataset.failed);
  }
  look();
}

async function scan() {
  const pays = !scanMore.hidden;
  const password = by("scan-password").value;
  by("scan-password").value = "";
  try {
    const seen = await act("scan", { text: by("scan-text").value, amount: by("scan-amount").value, password, pays });
    told(seen);
    if (seen.outcome === "paid") {
      by("scan-text").value = "";
      openScan(null);
      showCode();
    } else if (["ready", "amount_needed", "password_needed", "password_wrong"].includes(seen.outcome)) {
      if (!pays) by("scan-amount").readOnly = seen.outcome !== "amount_needed"; // the shop's own amount is not the customer's to change
      openScan(seen);
    }
  } catch {
    say("bad", main.dataset.failed);
  }
  look();
}

function openScan(seen) {
  const button = scanForm.querySelector("button");
  scanMore.hidden = seen === null;
  button.textContent = seen === null ? button.dataset.look : button.dataset.pay;
  if (seen === null) {
    by("scan-amount").value = "";
    by("scan-amount").readOnly = false;
    return;
  }
  scanMore.querySelector("[data-shop]").textContent = seen.shop;
  if (seen.amount) by("scan-amount").value = seen.amount;
  by(seen.outcome === "amount_needed" ? "scan-amount" : "scan-password").focus();
}

function told(seen) {
  const tone = seen.outcome === "paid" ? "good" : ["ready", "amount_needed", "password_needed"].includes(seen.outcome) ? "" : "bad";
  say(tone, seen.amount ? `${seen.what} · ¥${seen.amount}` : seen.what);
}

function say(tone, text) {
  said.className = tone ? `said ${tone}` : "said";
  said.textContent = text;
  if (text) said.scrollIntoView({ block: "nearest" }); // on a phone the form below is all that is seen
}
