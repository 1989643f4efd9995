"use strict";
// "Verify": lab-core computes every claim of the page again, and each row says whether it agrees.
lab && document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector(".verify");
  if (!box) return;
  const [button, going, bar, done, outcome] = ["button", ".going", "progress", ".done", ".outcome"].map((name) => box.querySelector(name));
  const label = button.textContent;
  const COLUMNS = ["verdict", "ours", "held against", "reported", "quantity"]; // as lab-core answers, but for the deciding number
  const NUMBER = /(?<![#0-9a-f.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d{1,3}(?!\d))?/g; // as outputs.py reads them
  const NOISE = 1e-9; // numbers below this are rounding errors of something that is nought
  let cancelled = () => {};

  const words = (cell) => [...cell.childNodes].filter((node) => !node.classList?.contains("recomputed")).map((node) => node.textContent).join("");
  const noise = (number) => Math.abs(Number(number.replace("−", "-"))) < NOISE;

  // equal to the last printed digit, unless both are rounding errors of zero
  function agree(printed, fresh) {
    const [one, other] = [printed, fresh].map((text) => ({ between: text.split(NUMBER).join("#"), numbers: text.match(NUMBER) ?? [] }));
    return one.between === other.between && one.numbers.every((number, at) => number === other.numbers[at] || (noise(number) && noise(other.numbers[at])));
  }

  function mark(row, kind, text) {
    row.classList.remove("agrees", "differs", "unknown");
    for (const old of row.querySelectorAll(".recomputed")) old.remove();
    if (!kind) return;
    row.classList.add(kind);
    (row.querySelector("[data-head=ours]") ?? row.cells[0]).append(lab.element("span", "recomputed", text));
  }

  // how a claim's rows compare with what lab-core finds now
  async function check(id, rows, answer) {
    const fields = await answer(`check ${id}\n\n`).catch((error) => error);
    if (fields instanceof Error) {
      for (const row of rows) mark(row, "unknown", `– not recomputed: ${fields.message}`);
      return "unknown";
    }
    const [verdict, value, ...rest] = fields;
    const fresh = new Map(COLUMNS.map((name, at) => [name, [verdict, ...rest][at]]));
    let found = "agrees";
    for (const row of rows) {
      const cells = [...row.querySelectorAll("[data-head]")].filter((cell) => fresh.get(cell.dataset.head) !== undefined);
      const wrong = cells.filter((cell) => !agree(words(cell), fresh.get(cell.dataset.head))).map((cell) => `${cell.dataset.head} is ${fresh.get(cell.dataset.head)}`);
      mark(row, wrong.length ? "differs" : "agrees", wrong.length ? `✗ recomputed: ${wrong.join("; ")}` : `✓ recomputed: ${Number(value)}`);
      if (wrong.length) found = "differs";
    }
    return found;
  }

  function link(id, row) {
    row.id ||= `claim-${id}`;
    const made = lab.element("a", "", id);
    made.href = `#${row.id}`;
    return made;
  }

  const among = (names, before) => names.flatMap((name, at) => [at ? ", " : before, name]);

  function verify() {
    const claims = new Map();
    for (const row of document.querySelectorAll("tr[data-claim]")) {
      mark(row);
      claims.set(row.dataset.claim, [...(claims.get(row.dataset.claim) ?? []), row]);
    }
    const found = { agrees: [], differs: [], unknown: [] };
    const start = performance.now();
    let count = 0;
    let over = false;
    const tell = () => { bar.value = count; done.textContent = `${count} of ${claims.size}`; };
    const end = (...summary) => {
      over = true;
      going.hidden = true;
      button.textContent = label;
      outcome.replaceChildren(...summary);
      box.dataset.state = found.differs.length ? "differs" : found.agrees.length === claims.size ? "agrees" : "unknown";
    };
    cancelled = () => { lab.cancel(); end(`Cancelled: ${count} of ${claims.size} claims were recomputed, and ${found.agrees.length} agree.`); };
    box.dataset.state = "going";
    bar.max = claims.size;
    button.textContent = "Cancel";
    outcome.textContent = "";
    going.hidden = false;
    tell();
    const reports = Map.groupBy([...claims], ([id]) => id[0]); // the claims of one report share their runs
    lab.meanwhile([...reports.values()].map((group) => group.map(([id, rows]) => async (answer) => {
      const kind = await check(id, rows, answer);
      if (over) return rows.forEach((row) => mark(row));
      found[kind].push(link(id, rows[0]));
      count += 1;
      tell();
      if (count < claims.size) return;
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      end(`${found.agrees.length} of ${claims.size} claims, recomputed here in ${seconds} s, agree with this page`,
        ...among(found.differs, found.differs.length === 1 ? "; one differs: " : "; these differ: "),
        ...among(found.unknown, found.unknown.length === 1 ? "; one cannot be recomputed, as its row says: " : "; these cannot be recomputed, as their rows say: "), ".");
    })));
  }

  button.addEventListener("click", () => (box.dataset.state === "going" ? cancelled() : verify()));
});
