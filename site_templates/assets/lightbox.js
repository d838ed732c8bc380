// Screenshots open large in a dialog. Without this script they are links to the large pictures.
"use strict";
(() => {
  const dialog = document.querySelector("dialog.lightbox");
  const links = [...document.querySelectorAll(".shots a")];
  if (!dialog?.showModal || !links.length) return;
  const part = (selector) => dialog.querySelector(selector);
  const turns = [...dialog.querySelectorAll("[data-turn]")];
  let shown = 0;

  const show = (number) => {
    shown = (number + links.length) % links.length;
    const small = links[shown].querySelector("img");
    const large = new Image();
    large.alt = small.alt;
    large.src = links[shown].href;
    part("[data-picture]").replaceChildren(large); // a new element: the picture before must not stay until this one has come
    const words = links[shown].closest("figure").querySelector("figcaption");
    part("figcaption").replaceChildren(...words.cloneNode(true).childNodes);
    for (const name of ["lang", "dir"]) {
      if (words.hasAttribute(name)) part("figcaption").setAttribute(name, words.getAttribute(name));
    }
    part("[data-place]").textContent = links.length > 1 ? `${shown + 1} / ${links.length}` : "";
  };

  links.forEach((link, number) => {
    link.setAttribute("aria-haspopup", "dialog");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // a tab or window of its own
      event.preventDefault();
      show(number);
      dialog.showModal();
    });
  });
  for (const button of turns) {
    button.hidden = links.length < 2;
    button.addEventListener("click", () => show(shown + Number(button.dataset.turn)));
  }
  part("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside the picture
  });
  dialog.addEventListener("keydown", (event) => {
    const forwards = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    show(shown + (event.key === forwards ? 1 : -1));
  });
})();
