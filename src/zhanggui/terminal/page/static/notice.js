// A word on what was just typed: why it was not taken. It stands until the next key, or for a while.

const SHOWN_MS = 8000;

export function openNotice(place, speech) {
  let timer = 0;

  function clear() {
    clearTimeout(timer);
    if (place.hidden) return;
    place.hidden = true;
    speech.calm();
  }

  return {
    clear,
    show(text) {
      clearTimeout(timer);
      timer = setTimeout(clear, SHOWN_MS);
      place.textContent = text;
      place.hidden = false;
      speech.alarm(text);
    },
  };
}
