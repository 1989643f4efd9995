"use strict";
// Figures that compute. An answer is shown only where no newer answer and no reset came before it. The address keeps
// the values that a reader chose, as `#name?lr=0.02&seed=7`, with `;` between figures.
lab && (() => {
  const PAIR = "\u001f"; // between a value's name and the value
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const timers = new Map();
  const later = (key, task, wait) => { clearTimeout(timers.get(key)); timers.set(key, setTimeout(task, wait)); };
  const size = (bytes) => `${(bytes / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kB`;
  const figures = new Map(); // by the name in the address
  let last; // the figure that moved last: the address leads to it

  // one input, or the boxes of a grid
  class Control {
    constructor(box) {
      [this.name, this.kind, this.box] = [box.dataset.control, box.dataset.kind, box];
      this.input = box.querySelector("input, select");
      this.start = this.value; // as the browser rounds it
      this.set(this.start);
    }

    get value() {
      if (this.kind === "check") return String(this.input.checked);
      if (this.kind === "cells") return all("input:checked", this.box).map((cell) => cell.value).join(" ");
      return this.kind === "file" ? "" : this.input.value;
    }

    // the browser moves a value into the input's range; one that it cannot read becomes the start
    set(value) {
      if (this.kind === "check") this.input.checked = value === "true";
      else if (this.kind === "cells") for (const cell of all("input", this.box)) cell.checked = value.split(" ").includes(cell.value);
      else this.input.value = value;
      if (this.value === "" && this.kind !== "cells" && value !== this.start) this.set(this.start);
      this.tell();
    }

    tell() {
      const output = this.box.querySelector("output");
      if (output) output.value = this.input.value;
    }
  }

  class Live {
    constructor(figure) {
      this.figure = figure;
      for (const original of all(".default", figure)) { // the copy is shown in its place once an input has moved
        const copy = original.cloneNode(true);
        copy.classList.replace("default", "now");
        original.after(copy);
      }
      this.find = (selector) => figure.querySelector(selector);
      this.controls = new Map(all("[data-control]", figure).map((box) => [box.dataset.control, new Control(box)]));
      this.file = [...this.controls.values()].find((control) => control.kind === "file");
      this.text = ""; // the content of the reader's file
      this.made = this.shown = 0; // requests made; the last whose answer is shown
      this.find(".inputs").addEventListener("input", ({ target }) => { if (target !== this.file?.input) this.moved(); });
      this.find(".reset").addEventListener("click", () => this.reset());
      if (this.file) this.receive(this.file);
    }

    receive({ box, input }) {
      input.addEventListener("change", () => this.take(input.files[0]));
      for (const kind of ["dragover", "dragleave", "drop"]) {
        addEventListener(kind, (event) => event.preventDefault()); // a file dropped elsewhere must not replace the page
        this.figure.addEventListener(kind, ({ dataTransfer }) => {
          box.classList.toggle("over", kind === "dragover");
          if (kind === "drop") this.take(dataTransfer.files[0]);
        });
      }
      this.stays = box.querySelector(".stays");
      this.invites = this.stays.textContent;
    }

    get settings() {
      const chosen = [...this.controls.values()].filter((control) => control !== this.file);
      return new Map(chosen.map((control) => [control.name, control.value]));
    }

    // what differs from the start, as it stands in the address
    get address() {
      const moved = [...this.settings].filter(([name, value]) => value !== this.controls.get(name).start);
      const pairs = moved.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%20", "+")}`);
      return pairs.length ? `${this.figure.dataset.anchor}?${pairs.join("&")}` : "";
    }

    // the address may hold a value that no input accepts: lab-core gets it, and decides
    restore(chosen) {
      const settings = new Map(this.settings);
      for (const { name, start } of this.controls.values()) if (settings.has(name)) settings.set(name, start);
      for (const [name, value] of chosen) settings.set(name, value);
      for (const [name, value] of settings) this.controls.get(name)?.set(value);
      this.request(settings);
    }

    moved() {
      last = this;
      for (const control of this.controls.values()) control.tell();
      this.request(this.settings);
      later("address", writeAddress, 300);
    }

    request(settings) {
      const lines = [...settings].map(([name, value]) => `${name}=${value}`.replace(/[\u0000-\u001f\u007f]/g, " "));
      const place = `width=${this.find(".scroll").clientWidth || 720}`; // on a phone, lab-core draws a narrow picture
      const text = [`explore ${this.figure.dataset.explorable}`, place, ...lines, "", this.text].join("\n");
      const number = ++this.made;
      this.figure.setAttribute("aria-busy", "true");
      lab.compute(this, async () => {
        const fields = await lab.answer(text).catch((error) => error);
        if (number <= this.shown) return;
        this.shown = number;
        if (fields instanceof Error) this.trouble(fields.message, true);
        else this.show(fields);
        if (number === this.made) this.figure.setAttribute("aria-busy", "false");
      });
    }

    show([svg, about, verdict, ...said]) {
      const title = new DOMParser().parseFromString(svg, "image/svg+xml").querySelector("title")?.textContent ?? "";
      const image = this.find("img.now");
      image.src = `data:image/svg+xml,${encodeURIComponent(body(svg))}`;
      image.alt = about;
      this.find(".about.now").replaceChildren(lab.element("strong", "", title), /[.?!]$/.test(title) ? " " : ". ", about);
      const pairs = said.map((pair) => pair.split(PAIR));
      const rows = pairs.map(([what, value]) => lab.element("div", "", lab.element("dt", "", what), lab.element("dd", "", value)));
      this.find(".said.now").replaceChildren(...rows);
      const answer = this.judge(verdict);
      this.trouble("");
      this.figure.classList.add("moved");
      this.speak([answer, ...pairs.map((pair) => pair.join(": "))].filter(Boolean).join("; "));
    }

    // an exercise's answer: `right` or `not yet`, and why
    judge(verdict) {
      const line = this.find(".lab-answer");
      const right = verdict.startsWith("right ");
      line.hidden = !verdict;
      line.textContent = verdict.replace(/^right |^not yet /, right ? "Right: " : "Not yet: ");
      line.className = `lab-answer ${right ? "right" : "not-yet"}`;
      return line.textContent;
    }

    // after an error the last picture stays, dimmed, because it does not belong to the inputs
    trouble(words, stale = false) {
      const line = this.find(".trouble");
      line.hidden = !words;
      line.textContent = words;
      this.figure.classList.toggle("stale", stale);
      if (words) this.speak(words);
    }

    // read aloud when the inputs have come to rest
    speak(words) {
      later(this, () => { this.find(".aloud").textContent = words; }, 700);
    }

    reset() {
      for (const control of this.controls.values()) control.set(control.start);
      this.text = "";
      if (this.file) this.stays.textContent = this.invites;
      lab.forget(this);
      this.shown = ++this.made;
      this.judge("");
      this.trouble("");
      this.figure.classList.remove("moved");
      this.figure.setAttribute("aria-busy", "false");
      this.speak("The start again.");
      writeAddress();
    }

    // a file's size is known before a byte of it is read
    async take(file) {
      if (!file) return;
      const most = Number(this.file.input.dataset.bytes);
      let [text, wrong] = ["", ""];
      if (file.size > most) wrong = `has ${size(file.size)}, and at most ${size(most)} are read`;
      else {
        text = await file.arrayBuffer().then((bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).catch(() => "\0");
        if (/[\u0000-\u0008\u000e-\u001f]/.test(text)) wrong = "is not text in UTF-8, as a CSV file is";
        else if (!text.trim()) wrong = "is empty";
      }
      this.file.set("");
      if (wrong) return this.trouble(`${file.name} ${wrong}.`);
      this.text = text;
      this.stays.textContent = `${file.name} (${size(file.size)}). It stays in this page: nothing is sent.`;
      this.moved();
    }
  }

  // lab-core's picture without the title above it, which the caption says; as figures.py does it
  function body(svg) {
    const [, top, width, height] = svg.match(/<view id="body" viewBox="0 ([\d.]+) ([\d.]+) ([\d.]+)"\/>/) ?? [];
    return width ? svg.replace(/width="[\d.]+" height="[\d.]+" viewBox="[^"]+"/, `width="${width}" height="${height}" viewBox="0 ${top} ${width} ${height}"`) : svg;
  }

  function readAddress() {
    let first;
    for (const part of location.hash.slice(1).split(";")) {
      const at = part.indexOf("?");
      const live = at < 0 ? undefined : figures.get(part.slice(0, at));
      if (!live) continue;
      first ??= live;
      live.restore(new URLSearchParams(part.slice(at + 1)));
    }
    first?.figure.scrollIntoView();
  }

  // an ordinary anchor stays in the address until a value is chosen
  function writeAddress() {
    const chosen = [last, ...figures.values()].map((live) => live?.address).filter(Boolean);
    if (!chosen.length && !location.hash.includes("?")) return;
    history.replaceState(history.state, "", chosen.length ? `#${[...new Set(chosen)].join(";")}` : location.pathname + location.search);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.documentElement.classList.add("computes");
    for (const figure of all("figure.live")) figures.set(figure.dataset.anchor, new Live(figure));
    readAddress();
    addEventListener("hashchange", readAddress);
  });
})();
