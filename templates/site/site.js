// Offers each chart alive: the drawing program is fetched from this site only when asked for.
const script = document.currentScript;
let drawing;

function loaded() {
  drawing ??= new Promise((done, failed) => {
    const tag = document.createElement("script");
    tag.src = script.dataset.charts;
    tag.onload = done;
    tag.onerror = failed;
    document.head.append(tag);
  });
  return drawing;
}

async function enliven(figure, button) {
  button.disabled = true;
  button.textContent = "Loading…";
  try {
    const [spec] = await Promise.all([fetch(figure.dataset.spec).then((answer) => answer.json()), loaded()]);
    const place = document.createElement("div");
    place.className = "alive";
    figure.prepend(place);
    await window.undertowChart(place, spec);
    figure.querySelector("img").hidden = true;
    button.remove();
  } catch {
    button.textContent = "The chart could not be loaded";
  }
}

for (const figure of document.querySelectorAll("figure[data-spec]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Explore";
  button.setAttribute("aria-label", "Explore this chart: show values under the pointer");
  button.addEventListener("click", () => enliven(figure, button));
  figure.append(button);
}
