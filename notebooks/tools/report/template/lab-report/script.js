"use strict";
// Theme, folded code, sortable tables, downloads, and plotly.js unpacked once. Without this script the page still
// reads: charts are the still pictures, code unfolds by itself, tables keep the notebook's order.
(() => {
  const root = document.documentElement;
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const all = (selector) => [...document.querySelectorAll(selector)];
  const store = (value) => { try { return value ? localStorage.setItem("theme", value) : localStorage.getItem("theme"); } catch { return null; } };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);
  if (store()) root.dataset.theme = store();
  root.classList.add("js");

  async function unpack(id) {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  // plotly takes colours for everything that a chart leaves open from this template
  function template() {
    const style = getComputedStyle(root);
    const colour = (name) => { const probe = document.createElement("i"); probe.style.color = `var(--${name})`; root.append(probe); const value = getComputedStyle(probe).color; probe.remove(); return value; };
    const [ink, line, faint, paper] = ["ink", "line-strong", "line", "paper"].map(colour);
    const axis = { gridcolor: faint, linecolor: line, zerolinecolor: line, tickcolor: line, automargin: true, title: { standoff: 8, font: { size: 13 } } };
    return { layout: {
      font: { color: ink, family: style.getPropertyValue("--ui"), size: 13 },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", xaxis: axis, yaxis: axis,
      margin: { l: 56, r: 16, t: 28, b: 48 }, modebar: { bgcolor: "rgba(0,0,0,0)", color: line, activecolor: ink },
      hoverlabel: { bgcolor: paper, bordercolor: line, font: { color: ink } }, annotationdefaults: { arrowcolor: line },
      sliderdefaults: { bgcolor: faint, bordercolor: line, activebgcolor: line, tickcolor: line, font: { color: ink, size: 12 } },
      updatemenudefaults: { bgcolor: paper, bordercolor: line, font: { color: ink, size: 12 } },
    } };
  }

  const charts = new Map(); // each plot's chart as the notebook gave it
  const NARROW = 560; // pixels

  // the caption says the title, and the page has margins of its own
  function untitled(chart) {
    const { title, margin, ...layout } = chart.layout ?? {};
    return { ...chart, layout: layout.sliders ? { ...layout, margin: { r: 48 } } : layout }; // the last label stands half outside
  }

  // on a phone, panels stand below each other, as wide as the page
  function arranged({ data, layout }, width) {
    const panels = Object.keys(layout).filter((key) => /^xaxis\d*$/.test(key)).map((key) => key.slice(5));
    if (panels.length < 2 || width >= NARROW) return { data, layout, height: layout.height || 420 };
    const [each, gap] = [230, 90];
    const inside = panels.length * (each + gap) - gap;
    const copy = structuredClone({ data, layout });
    panels.forEach((panel, at) => {
      const top = 1 - (at * (each + gap)) / inside;
      const bottom = Math.max(0, top - each / inside);
      copy.layout["yaxis" + panel].domain = [bottom, top];
      const bar = copy.data.find((trace) => trace.colorbar && trace.xaxis === "x" + panel)?.colorbar;
      if (bar) Object.assign(bar, { y: (top + bottom) / 2, len: top - bottom, x: 0.86 });
      copy.layout["xaxis" + panel].domain = [0, bar ? 0.84 : 1];
    });
    return { ...copy, height: inside + 130 + (layout.sliders ? 100 : 0) };
  }

  async function draw(plot) {
    const chart = charts.get(plot);
    const { data, layout, height } = arranged(chart, plot.clientWidth);
    plot.style.height = `${height}px`;
    plot.dataset.narrow = plot.clientWidth < NARROW;
    await Plotly.newPlot(plot, {
      data, layout: { ...layout, width: undefined, height: undefined, autosize: true, template: template() },
      config: { ...chart.config, responsive: true, displaylogo: false, displayModeBar: false }, frames: chart.frames,
    });
  }

  function redrawTurned() {
    for (const plot of charts.keys()) if (plot.dataset.narrow && plot.dataset.narrow !== String(plot.clientWidth < NARROW)) draw(plot);
  }

  async function drawCharts() {
    const figures = all("figure.chart");
    if (!figures.length) return;
    let drawings;
    try {
      const cells = JSON.parse(await unpack("notebook")).cells;
      const outputs = cells.flatMap((cell) => cell.outputs ?? []);
      const plain = outputs.map((output) => output.data ?? {}).filter((data) => !("application/vnd.lab.explorable+json" in data));
      drawings = plain.map((data) => data["application/vnd.plotly.v1+json"]).filter(Boolean);
      const code = document.createElement("script");
      code.textContent = await unpack("plotly");
      document.head.append(code);
    } catch (error) {
      root.classList.add("stills"); // an old browser: the still pictures serve
      return;
    }
    const near = (figure) => { const box = figure.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight ? 0 : 1; };
    const pairs = figures.map((figure, at) => [figure, drawings[at]]);
    for (const [figure, chart] of pairs.sort(([a], [b]) => near(a) - near(b))) {
      const plot = figure.querySelector(".plot");
      charts.set(plot, untitled(chart));
      await draw(plot);
      figure.dataset.drawn = "";
      await new Promise((resolve) => setTimeout(resolve)); // let the reader scroll between two charts
    }
    root.dataset.charts = figures.length;
  }

  function applyTheme() {
    for (const button of all("[data-do=theme]")) button.textContent = isDark() ? "Light theme" : "Dark theme";
    for (const plot of all(".js-plotly-plot")) Plotly.relayout(plot, { template: template() });
  }

  function foldCode(button) {
    const folds = all("details.code");
    const open = folds.some((fold) => !fold.open);
    for (const fold of folds) fold.open = open || fold.matches(".answer"); // an answer stays open
    button.textContent = open ? "Hide all code" : "Show all code";
  }

  function download(content, type, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // the picture with its title, which the page says in the caption
  function picture(figure) {
    const svg = decodeURIComponent(figure.querySelector(figure.matches(".moved") ? "img.now" : "img.still").src.replace(/^[^,]*,/, ""));
    const [, width, height] = svg.match(/class="paper" width="([\d.]+)" height="([\d.]+)"/) || [];
    return width ? svg.replace(/width="[^"]*" height="[^"]*" viewBox="[^"]*"/, `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`) : svg;
  }

  async function saveFigure(button) {
    const figure = button.closest("figure");
    const name = `${document.title.replace(/\W+/g, "-")}-${figure.id}`;
    const svg = picture(figure);
    if (button.dataset.do === "svg") return download(svg, "image/svg+xml", `${name}.svg`);
    const image = new Image();
    image.src = "data:image/svg+xml," + encodeURIComponent(svg.replace(/@media[^{]*dark[^{]*/, "@media not all")); // for paper
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * image.width, 2 * image.height];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => download(blob, "image/png", `${name}.png`));
  }

  // rows are sorted within their group, each with the line below it
  function sortable(table) {
    const heads = [...table.querySelectorAll("thead th")];
    const groups = [...table.tBodies].map((body) => {
      const rows = [];
      for (const row of body.rows) row.matches(".below") ? rows.at(-1).push(row) : row.matches(".group") || rows.push([row]);
      return { body, rows };
    });
    if (Math.max(...groups.map(({ rows }) => rows.length)) < 3) return;
    heads.forEach((head, column) => {
      if (!head.textContent.trim()) return; // nothing to name a button by
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") || "none"];
        for (const other of heads) other.removeAttribute("aria-sort");
        if (next !== "none") head.setAttribute("aria-sort", next);
        const key = ([row]) => row.cells[column]?.textContent.trim() ?? "";
        const compare = (a, b) => { const [x, y] = [Number(key(a) || NaN), Number(key(b) || NaN)]; return Number.isNaN(x) || Number.isNaN(y) ? key(a).localeCompare(key(b), "en", { numeric: true }) : x - y; };
        const sign = next === "descending" ? -1 : 1;
        for (const { body, rows } of groups) body.append(...(next === "none" ? rows : [...rows].sort((a, b) => sign * compare(a, b))).flat());
      });
    });
  }

  // what scrolls sideways must be reachable by keyboard and have a name
  function labelScrollers() {
    for (const box of all(".scroll, pre")) {
      const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
      const names = { tabindex: "0", role: "region", "aria-label": box.dataset.label || (box.matches("pre") ? "Text" : "Table") };
      for (const [name, value] of Object.entries(names)) scrolls ? box.setAttribute(name, value) : box.removeAttribute(name);
    }
  }

  function markCurrent() {
    const links = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
    let current;
    for (const heading of all("main h2")) if (heading.getBoundingClientRect().top < innerHeight / 3) current = heading.id;
    links.forEach((link, id) => (id === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    const [side, link] = [document.querySelector(".side"), links.get(current)];
    if (!link || side.scrollHeight <= side.clientHeight) return;
    const [shown, box] = [side.getBoundingClientRect(), link.getBoundingClientRect()];
    if (box.top < shown.top || box.bottom > shown.bottom) side.scrollTop += box.top - shown.top - side.clientHeight / 3;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const narrow = matchMedia("(max-width: 62rem)");
    const contents = document.querySelector(".side details");
    if (contents) contents.open = !narrow.matches;
    narrow.addEventListener("change", () => { if (contents) contents.open = !narrow.matches; });
    document.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-do]");
      if (button?.dataset.do === "code") foldCode(button);
      if (button?.dataset.do === "notebook") unpack("notebook").then((text) => download(text, "application/x-ipynb+json", button.dataset.file));
      if (["svg", "png"].includes(button?.dataset.do)) saveFigure(button);
      if (button?.dataset.do === "theme") { root.dataset.theme = isDark() ? "light" : "dark"; store(root.dataset.theme); applyTheme(); }
      if (contents && narrow.matches && target.closest(".contents a")) contents.open = false;
    });
    systemDark.addEventListener("change", applyTheme);
    addEventListener("resize", () => { labelScrollers(); redrawTurned(); });
    document.addEventListener("toggle", labelScrollers, true);
    let waiting = false;
    addEventListener("scroll", () => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; markCurrent(); }); } }, { passive: true });
    all("table").forEach(sortable);
    applyTheme();
    labelScrollers();
    markCurrent();
    drawCharts().then(labelScrollers);
  });
})();
