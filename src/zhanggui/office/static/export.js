// How far a file is: looked at each second while it is made. Without script the page says the same when it is opened again.

const place = document.querySelector("[data-progress]");
const bar = place.querySelector("progress");
const said = place.querySelector("[data-said]");
const LOOKED_EVERY_MS = 1_000;

async function look() {
  const answer = await fetch(place.dataset.progress).catch(() => null);
  const told = answer?.ok ? await answer.json() : null;
  if (told !== null && told.state !== "making") {
    location.reload();
    return;
  }
  if (told !== null) {
    bar.max = told.of || 1;
    bar.value = told.done;
    if (said.textContent !== told.said) said.textContent = told.said;
  }
  setTimeout(look, LOOKED_EVERY_MS);
}

setTimeout(look, LOOKED_EVERY_MS);
