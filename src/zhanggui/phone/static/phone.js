// The answer to a code: number and password go to the host in one request, and stay nowhere.

const form = document.getElementById("answer");
const [login, password, button] = [form.elements.login, form.elements.password, form.querySelector("button")];
const left = document.getElementById("left");
const said = document.getElementById("said");
const SECOND_MS = 1000;
const opened = performance.now();
const life_s = Number(left.dataset.left);
let waitUntil = 0;
let asking = false;

const ticking = setInterval(tick, SECOND_MS / 2);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!button.disabled) answer();
});

function tick() {
  const now = performance.now();
  const left_s = Math.max(0, Math.ceil(life_s - (now - opened) / SECOND_MS));
  left.textContent = left.dataset.text.replace("{s}", String(left_s));
  button.disabled = asking || now < waitUntil;
  if (left_s > 0 || asking) return;
  const over = document.getElementById("over").content.querySelectorAll("p");
  close("over", over[0].textContent, over[1].textContent);
}

async function answer() {
  const typed = { login: login.value.trim(), password: password.value };
  if (!typed.login || !/^[0-9]{4,12}$/.test(typed.password)) {
    say("bad", form.dataset.missing, "");
    (typed.login ? password : login).focus();
    return;
  }
  asking = button.disabled = true;
  say("", form.dataset.checking, "");
  password.value = "";
  try {
    const reply = await fetch(location.href, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(typed),
    });
    if (!reply.ok) throw new Error(String(reply.status));
    const told = await reply.json();
    if (told.outcome !== "again") {
      close(told.outcome, told.what, told.todo, told.code);
      return;
    }
    waitUntil = performance.now() + told.wait_s * SECOND_MS;
    say("bad", told.what, told.todo, told.code);
  } catch {
    say("bad", form.dataset.failed, "");
  } finally {
    asking = false;
    tick();
  }
  password.focus();
}

// Nothing more can be answered here: what was typed and where it was for goes from the page.
function close(outcome, what, todo, code = "") {
  clearInterval(ticking);
  document.querySelector("main").dataset.outcome = outcome;
  document.querySelector(".where").remove();
  form.remove();
  say(outcome === "known" ? "good" : "bad", what, todo, code);
}

function say(tone, what, todo, code = "") {
  const lines = [what, todo, code && said.dataset.code.replace("{code}", code)].filter(Boolean).map((text, at) => {
    const line = document.createElement("p");
    if (at !== 1) line.className = at === 0 ? "what" : "hint";
    line.textContent = text;
    return line;
  });
  said.className = tone ? `said ${tone}` : "said";
  said.replaceChildren(...lines);
}
