"use strict";
{
  const $ = (selector) => document.querySelector(selector);
  const audio = $("audio");
  const tools = $(".tools");
  const smooth = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  tools.hidden = false;
  // What is scrolled to, or gets the focus, does not stand under them, however many lines they take.
  new ResizeObserver(() => {
    document.documentElement.style.scrollPaddingTop = `${tools.offsetHeight + 16}px`;
  }).observe(tools);

  // --- the walk through the conflicts

  const every = [...document.querySelectorAll("main .app")];
  const spelling = $("#spelling");
  const order = $("#order");
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
    walked = plain ? every.filter((entry) => !entry.classList.contains("spelling")) : [...every];
    if (order.value === "worth") walked.sort((a, b) => (b.dataset.w ?? 0) - (a.dataset.w ?? 0));
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
    if (here < 0 && order.value === "text") {
      // The first step starts from what is on the screen.
      here = step > 0 ? onScreen() : onScreen() - 1;
    } else {
      here = here < 0 && step < 0 ? walked.length - 1 : here + step;
    }
    here = (here + walked.length) % walked.length;
    open(walked[here]);
    show();
  };
  // Thousands of cards that nobody opens would take half of the time in which a page opens.
  const fill = (entry) => {
    const card = entry.querySelector(":scope > noscript");
    if (card) card.outerHTML = card.textContent;
  };
  document.addEventListener("click", (event) => {
    const summary = event.target.closest?.("summary");
    if (summary) fill(summary.parentElement);
  });
  const open = (entry) => {
    for (let box = entry; box; box = box.parentElement.closest("details")) {
      fill(box);
      box.open = true;
    }
    entry.firstElementChild.focus({ preventScroll: true });
    entry.firstElementChild.scrollIntoView({ block: "center", behavior: "instant" });
  };
  if (spelling) {
    $("#on").addEventListener("click", () => go(1));
    $("#back").addEventListener("click", () => go(-1));
    spelling.addEventListener("change", choose);
    order.addEventListener("change", () => {
      here = -1;
      choose();
    });
    choose();
  }
  document.addEventListener("toggle", (event) => {
    if (event.target.open) {
      fill(event.target);
      offerCommand(event.target);
    }
    const index = walked.indexOf(event.target);
    if (event.target.open && index >= 0) {
      here = index;
      show();
    }
  }, true);
  document.addEventListener("keydown", (event) => {
    const card = event.key === "Escape" && event.target.closest?.("details[open]");
    if (card) {
      card.open = false;
      card.firstElementChild.focus();
    }
  });

  // The command that decides a conflict: for the strongest of the readings that lost.
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const offerCommand = (entry) => {
    const line = entry.querySelector(":scope > .card > .at");
    if (!line || line.querySelector("button")) return;
    const siglum = entry.querySelector("tbody tr:nth-child(2) td:nth-child(2) a")?.textContent;
    const what = siglum ? `--reading ${siglum}` : "--text ''";
    const command = `episodic decide ${quoted(document.body.dataset.episode)} ${quoted(line.textContent)} ${what}`;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy the command that decides it";
    const said = document.createElement("output");
    button.addEventListener("click", async () => {
      let copied = true;
      try {
        await navigator.clipboard.writeText(command);
      } catch {
        // Not every browser lets a page of a file copy.
        copied = false;
      }
      said.replaceChildren(copied ? "copied: " : "copy this: ", Object.assign(document.createElement("code"), { textContent: command }));
    });
    line.append(" ", button, " ", said);
  };

  // Hovering over a siglum tells which source it is.
  document.addEventListener("pointerover", (event) => {
    const link = event.target.closest?.("a[href^='#s']:not([title])");
    const source = link && document.getElementById(link.hash.slice(1))?.querySelector(".uri");
    if (source) link.title = source.textContent;
  });

  // --- moments and conflicts by their links

  // Media fragments: seconds, or hours, minutes and seconds; the end of a range is no matter here.
  const secondsOf = (hash) => {
    const found = /^#t=(?:npt:)?((?:\d+:){0,2}\d+(?:\.\d*)?)?(?:,.*)?$/.exec(decodeURIComponent(hash));
    return found ? (found[1] ?? "0").split(":").reduce((sum, part) => 60 * sum + Number(part), 0) : null;
  };
  const timed = [...document.querySelectorAll(".turn .u[data-t]")]
    .map((element) => ({ element, start: Number(element.dataset.t) }))
    .sort((a, b) => a.start - b.start);
  const saidAt = (seconds) => {
    let low = 0;
    let high = timed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timed[middle].start <= seconds + 0.01) low = middle + 1;
      else high = middle;
    }
    return timed[Math.max(0, low - 1)]?.element ?? null;
  };
  const follow = () => {
    const seconds = secondsOf(location.hash);
    if (seconds === null) {
      const entry = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (entry?.matches(".app, .whole")) open(entry);
      return;
    }
    document.querySelector(".u.linked")?.classList.remove("linked");
    const element = saidAt(seconds);
    element?.classList.add("linked");
    element?.scrollIntoView({ block: "center", behavior: "instant" });
    if (audio) audio.currentTime = seconds;
  };
  addEventListener("hashchange", follow);
  // A link to where one is already leads there again.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    if (link && link.hash === location.hash) follow();
  });
  if (location.hash) follow();

  // --- search

  const find = $("#find");
  const found = $("#found");
  let blocks = null;
  let hits = [];
  let hit = -1;
  const plainly = (text) =>
    [...text.normalize("NFC")].map((c) => (/\s/.test(c) ? " " : (c.normalize("NFD")[0] ?? c).toLowerCase()[0])).join("");
  // What a text says, without cards, and where each piece of it stands.
  const indexed = (block) => {
    const nodes = [];
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => {
      if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
      return node.matches(".card, .small, noscript") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
    });
    let length = 0;
    while (walker.nextNode()) {
      nodes.push({ node: walker.currentNode, from: length });
      length += walker.currentNode.length;
    }
    return { nodes, text: nodes.map(({ node }) => (node.length === [...node.data].length ? plainly(node.data) : node.data.toLowerCase())).join("") };
  };
  const place = ({ nodes }, offset, last) => {
    const at = nodes.findLast(({ from }) => (last ? from < offset : from <= offset)) ?? nodes[0];
    return [at.node, Math.min(offset - at.from, at.node.length)];
  };
  const mark = () => {
    const marks = globalThis.CSS?.highlights;
    const current = hits[hit];
    if (marks) {
      marks.set("found", new Highlight(...hits.slice(0, 2000)));
      marks.set("found-here", new Highlight(...(current ? [current] : [])));
    } else if (current) {
      getSelection().removeAllRanges();
      getSelection().addRange(current);
    }
    found.value = find.value.trim() ? (hits.length ? `${hit + 1} of ${hits.length.toLocaleString("en")}` : "not found") : "";
    if (!current) return;
    current.startContainer.parentElement.closest(".turn, .prose > *")?.scrollIntoView({ block: "nearest", behavior: "instant" });
    scrollBy({ top: current.getBoundingClientRect().top - innerHeight / 2, behavior: "instant" });
  };
  const search = () => {
    blocks ??= [...document.querySelectorAll(".said, #prose .head, #prose .p, #prose li")].map(indexed);
    const wanted = plainly(find.value).trim().replace(/ +/g, " ");
    hits = [];
    for (const block of wanted ? blocks : []) {
      for (let at = block.text.indexOf(wanted); at >= 0; at = block.text.indexOf(wanted, at + wanted.length)) {
        const range = new Range();
        range.setStart(...place(block, at, false));
        range.setEnd(...place(block, at + wanted.length, true));
        hits.push(range);
      }
    }
    hit = hits.length ? 0 : -1;
    mark();
  };
  find.addEventListener("input", search);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && hits.length) {
      event.preventDefault();
      hit = (hit + (event.shiftKey ? hits.length - 1 : 1)) % hits.length;
      mark();
    } else if (event.key === "Escape") {
      find.value = "";
      search();
      find.blur();
    }
  });

  // --- keys

  const keys = $("#keys");
  $("#help").addEventListener("click", () => keys.showModal());
  keys.querySelector("button").addEventListener("click", () => keys.close());
  const turns = [...document.querySelectorAll(".turn")];
  const turn = (step) => {
    const top = tools.offsetHeight + 1;
    let at = turns.indexOf(document.activeElement.closest?.(".turn"));
    if (at < 0) {
      const next = turns.findIndex((each) => each.getBoundingClientRect().bottom > top);
      at = (next < 0 ? turns.length : next) - (step > 0 ? 1 : 0);
    }
    const to = turns[Math.min(turns.length - 1, Math.max(0, at + step))];
    if (!to) return;
    to.tabIndex = -1;
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "start", behavior: "instant" });
  };
  const actions = {
    "/": () => find.focus(),
    "?": () => keys.showModal(),
    j: () => turn(1),
    k: () => turn(-1),
    n: () => go(1),
    p: () => go(-1),
    " ": () => {
      if (audio?.paused) audio.play().catch(() => {});
      else audio?.pause();
    },
  };
  document.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    // Where one types, and where a key has a meaning already, it keeps it.
    if (event.target.closest("input, select, textarea, audio")) return;
    if (event.key === " " && (!audio || event.target.closest("button, summary, a"))) return;
    event.preventDefault();
    action();
  });

  // --- playing

  if (audio) {
    let current = null;

    const play = (seconds) => {
      audio.currentTime = seconds;
      audio.play().catch(() => {});
    };
    document.addEventListener("click", (event) => {
      const time = event.target.closest("a[href^='#t=']");
      if (time) {
        if (!(event.ctrlKey || event.metaKey || event.shiftKey)) play(secondsOf(time.hash));
        return;
      }
      // A click that selects, or that is meant for something inside, does not play.
      if (event.target.closest("a, details, button") || !getSelection().isCollapsed) return;
      const utterance = event.target.closest(".turn .u[data-t]");
      if (utterance) play(Number(utterance.dataset.t));
    });
    const readAlong = () => {
      const next = audio.currentTime + 0.01 < timed[0]?.start ? null : saidAt(audio.currentTime);
      if (next === current) return;
      const box = current?.getBoundingClientRect();
      const read = box && box.bottom > 0 && box.top < innerHeight;
      current?.removeAttribute("aria-current");
      current = next;
      current?.setAttribute("aria-current", "true");
      // Who reads along is taken along; who looks elsewhere is left there.
      if (read && !audio.paused) current?.scrollIntoView({ block: "nearest", behavior: smooth });
    };
    audio.addEventListener("timeupdate", readAlong);
    audio.addEventListener("seeking", readAlong);
    audio.addEventListener("error", () => {
      $("#trouble").textContent = `The recording cannot be played: ${audio.getAttribute("src")}`;
    });
    audio.addEventListener("playing", () => {
      $("#trouble").textContent = "";
    });
  }
}
