"use strict";
// Sliders: the range input lies over the picture, so that mouse, finger and arrow keys all work without more.
for (const card of document.querySelectorAll(".compare")) {
  const layers = card.querySelector(".layers");
  const images = [...layers.querySelectorAll("img")];
  const range = layers.querySelector("input");
  const say = () => {
    const [left, right] = ["left", "right"].map((side) => images[layers.dataset[side]].alt);
    layers.style.setProperty("--cut", range.value + "%");
    range.setAttribute("aria-valuetext", `${range.value} % ${left}, ${100 - range.value} % ${right}`);
  };
  range.addEventListener("input", say);
  for (const pick of card.querySelectorAll(".pick")) {
    pick.addEventListener("change", () => {
      layers.dataset[pick.dataset.side] = pick.value;
      // the same version on both sides is one whole picture
      images.forEach((image, i) => {
        image.classList.toggle("left", i === Number(layers.dataset.left));
        image.classList.toggle("right", i === Number(layers.dataset.right));
      });
      if (layers.dataset.left === layers.dataset.right) images[layers.dataset.right].classList.remove("right");
      say();
    });
  }
  say();
}
