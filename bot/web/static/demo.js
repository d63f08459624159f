// The right side of the demo: the live numbers, asked for again after every saved message.
"use strict";
(() => {
  const live = document.getElementById("live");
  const side = (name, value, label) => {
    const box = document.createElement("div");
    if (name === "against") box.className = "no";
    const number = document.createElement("b");
    number.textContent = value;
    box.append(number, label);
    return box;
  };
  const bar = (theme, most) => {
    const item = document.createElement("li");
    const top = document.createElement("div");
    top.className = "top";
    const name = document.createElement("span");
    name.textContent = theme.rank + " · " + theme.label;
    const points = document.createElement("b");
    points.textContent = theme.points;
    top.append(name, points);
    const track = document.createElement("div");
    track.className = "track";
    const fill = document.createElement("span");
    fill.className = "fill";
    fill.style.width = (100 * theme.points) / most + "%";
    track.append(fill);
    item.append(top, track);
    return item;
  };
  const refresh = async () => {
    let now;
    try {
      now = await (await fetch("/demo/live.json" + location.search)).json();
    } catch {
      return;
    }
    document.getElementById("total").textContent = now.total;
    document.getElementById("mine").hidden = !now.number;
    document.getElementById("number").textContent = now.number || "";
    document.getElementById("asked").textContent = now.asked;
    document.getElementById("support").replaceChildren(
      ...now.support.map((s) => side(s.code, s.percent, live.dataset[s.code] + " · " + s.n)));
    document.getElementById("themes").replaceChildren(
      ...now.themes.map((theme) => bar(theme, now.themes[0].points)));
  };
  document.addEventListener("tertulia:saved", refresh);
  refresh();
  setInterval(refresh, 5000);
})();
