"use strict";
{
  const $ = (selector) => document.querySelector(selector);
  const audio = $("audio");
  const tools = $(".tools");
  const smooth = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  tools.hidden = !tools.querySelector("audio, button");

  // --- the walk through the conflicts

  const every = [...document.querySelectorAll("main .app")];
  const spelling = $("#spelling");
  const at = $("#at");
  let walked = [];
  let here = -1;

  const show = () => {
    const all = walked.length.toLocaleString("en");
    const number = `${all} conflict${walked.length === 1 ? "" : "s"}`;
    at.value = here < 0 ? number : `${(here + 1).toLocaleString("en")} of ${all}`;
  };
  const choose = () => {
    const plain = !spelling.checked;
    const current = walked[here];
    document.documentElement.classList.toggle("plain", plain);
    for (const entry of every) {
      if (entry.classList.contains("spelling")) {
        entry.firstElementChild.tabIndex = plain ? -1 : 0;
        entry.firstElementChild.inert = plain;
        if (plain) entry.open = false;
      }
    }
    walked = plain ? every.filter((entry) => !entry.classList.contains("spelling")) : every;
    here = walked.indexOf(current);
    show();
  };
  // The first of them that is on the screen or below it, or their number. Blocks outside the screen are not laid
  // out before somebody looks, so few are asked: those on the way to the first block that ends below the top.
  const onScreen = () => {
    const top = tools.offsetHeight;
    let low = 0;
    let high = walked.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (walked[middle].closest("main > section > *").getBoundingClientRect().bottom <= top) low = middle + 1;
      else high = middle;
    }
    while (low < walked.length && walked[low].getBoundingClientRect().top <= top) low += 1;
    return low;
  };
  const go = (step) => {
    if (!walked.length) return;
    if (walked[here]) walked[here].open = false;
    if (here < 0) {
      // The first step starts from what is on the screen.
      here = step > 0 ? onScreen() : onScreen() - 1;
    } else {
      here += step;
    }
    here = (here + walked.length) % walked.length;
    for (let box = walked[here]; box; box = box.parentElement.closest("details")) box.open = true;
    const summary = walked[here].firstElementChild;
    summary.focus({ preventScroll: true });
    summary.scrollIntoView({ block: "center", behavior: "instant" });
    show();
  };
  if (spelling) {
    $("#on").addEventListener("click", () => go(1));
    $("#back").addEventListener("click", () => go(-1));
    spelling.addEventListener("change", choose);
    choose();
  }
  document.addEventListener("toggle", (event) => {
    const index = walked.indexOf(event.target);
    if (event.target.open && index >= 0) {
      here = index;
      show();
    }
  }, true);
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest?.("details[open]");
    if (open) {
      open.open = false;
      open.firstElementChild.focus();
    }
  });

  // Hovering over a siglum tells which source it is.
  document.addEventListener("pointerover", (event) => {
    const link = event.target.closest?.("a[href^='#s']:not([title])");
    const source = link && document.getElementById(link.hash.slice(1))?.querySelector(".uri");
    if (source) link.title = source.textContent;
  });

  // --- playing

  if (audio) {
    const spoken = [...document.querySelectorAll(".turn .u[data-t]")]
      .map((element) => ({ element, start: Number(element.dataset.t) }))
      .sort((a, b) => a.start - b.start);
    let current = null;

    const play = (seconds) => {
      audio.currentTime = seconds;
      audio.play().catch(() => {});
    };
    document.addEventListener("click", (event) => {
      const time = event.target.closest("a.time");
      if (time) {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        play(Number(time.dataset.t));
        return;
      }
      // A click that selects, or that is meant for something inside, does not play.
      if (event.target.closest("a, details, button") || !getSelection().isCollapsed) return;
      const utterance = event.target.closest(".turn .u[data-t]");
      if (utterance) play(Number(utterance.dataset.t));
    });
    const follow = () => {
      let low = 0;
      let high = spoken.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (spoken[middle].start <= audio.currentTime + 0.01) low = middle + 1;
        else high = middle;
      }
      const next = low ? spoken[low - 1].element : null;
      if (next === current) return;
      const box = current?.getBoundingClientRect();
      const read = box && box.bottom > 0 && box.top < innerHeight;
      current?.removeAttribute("aria-current");
      current = next;
      current?.setAttribute("aria-current", "true");
      // Who reads along is taken along; who looks elsewhere is left there.
      if (read && !audio.paused) current?.scrollIntoView({ block: "nearest", behavior: smooth });
    };
    audio.addEventListener("timeupdate", follow);
    audio.addEventListener("seeking", follow);
    audio.addEventListener("error", () => {
      $("#trouble").textContent = `The recording cannot be played: ${audio.getAttribute("src")}`;
    });
    audio.addEventListener("playing", () => {
      $("#trouble").textContent = "";
    });
  }
}
