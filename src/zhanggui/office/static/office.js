// The office works without script. What stands here only saves keys: `/` to search, `j` and `k` through rows, `?` for help.

const rows = () => [...document.querySelectorAll("[data-row] a:first-of-type")];

// On a phone the menu is a line that scrolls: where one is stands in sight.
document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

function step(by) {
  const links = rows();
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  links[next].focus();
}

function typing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|select|textarea)$/i.test(target.tagName));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "/") {
    const box = document.querySelector('input[type="search"]');
    if (box === null) return;
    event.preventDefault();
    box.focus();
  } else if (event.key === "?") document.querySelector("#help")?.showModal?.();
});
