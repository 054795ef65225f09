// The door of a page that is served beyond its machine: the code goes to the server, the secret comes back as a cookie that no script sees.

const form = document.getElementById("pair");
const field = document.getElementById("code");
const said = document.getElementById("said");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  said.textContent = "";
  try {
    const answer = await fetch("/pair", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code: field.value.replace(/\s/g, "") }),
    });
    if (answer.ok) {
      location.reload();
      return;
    }
    said.textContent = answer.status === 429 ? said.dataset.wait : said.dataset.wrong;
  } catch {
    said.textContent = said.dataset.failed;
  }
  field.value = "";
  field.focus();
});
