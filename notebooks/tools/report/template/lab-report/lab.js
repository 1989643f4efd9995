"use strict";
// lab-core in the page: a worker, made and compiled when it is first needed, one request at a time. What a reader's inputs ask
// for goes first, and of each figure only the newest request waits; the checking of claims fills the time between, and has a
// second worker where there is a second core.
const lab = (() => {
  if (![globalThis.Worker, globalThis.WebAssembly, globalThis.DecompressionStream].every(Boolean)) return null; // stills serve
  const FIELD = "\u001e";
  const inside = (id) => document.getElementById(id).textContent.trim();

  function desk() {
    let worker;
    let pending; // settles the promise of the request that runs

    function start() {
      worker = new Worker(URL.createObjectURL(new Blob([inside("worker")], { type: "text/javascript" })));
      worker.onmessage = ({ data }) => ("text" in data ? pending.resolve(data.text) : pending.reject(new Error(data.failed)));
      worker.onerror = (event) => { event.preventDefault(); end(event.message || "its worker ended"); };
      return { module: inside("module") };
    }

    function end(reason) {
      worker?.terminate();
      worker = undefined;
      pending?.reject(new Error(reason));
    }

    // the fields of lab-core's answer; an error has lab-core's words where it refuses, ours where it could not answer
    async function answer(text) {
      let fields;
      try {
        fields = (await new Promise((resolve, reject) => {
          pending = { resolve, reject };
          const message = worker ? {} : start();
          worker.postMessage({ ...message, text });
        })).split(FIELD);
      } catch (error) {
        throw new Error(`lab-core could not compute here: ${error.message}`);
      }
      if (fields[0] === "ok") return fields.slice(1);
      throw new Error(fields[1] || "lab-core refused, and gave no reason");
    }

    return { answer, end };
  }

  const [first, second] = [desk(), desk()];
  const newest = new Map(); // of each figure, the task that waits
  let idle = []; // groups of tasks that may wait longer; one worker does a whole group, whose tasks share results
  let at = ""; // the kind of task that runs: "figure", "idle" or none

  async function work() {
    if (at) return;
    while (newest.size || idle.length) {
      const [figure] = newest.keys();
      const task = newest.get(figure) ?? next();
      at = newest.delete(figure) ? "figure" : "idle";
      await task(first.answer).catch(reportError);
    }
    at = "";
  }

  // takes the next task of the first group; a group without tasks is removed
  function next() {
    const task = idle[0].shift();
    if (!idle[0].length) idle.shift();
    return task;
  }

  let taken = []; // what is left of a group that the second worker has

  // the second worker takes whole groups, from the end
  async function help() {
    while (idle.length > 1) {
      taken = idle.pop();
      while (taken.length) await taken.shift()(second.answer).catch(reportError);
    }
    second.end("done");
  }

  return {
    answer: first.answer,
    compute: (figure, task) => { newest.set(figure, task); work(); },
    forget: (figure) => newest.delete(figure),
    meanwhile: (groups) => { idle = groups; work(); if (navigator.hardwareConcurrency > 1) help(); },
    cancel: () => { idle = []; taken = []; second.end("cancelled"); if (at === "idle") first.end("cancelled"); }, // a figure's task goes on
    element: (name, kind, ...content) => { const made = document.createElement(name); made.className = kind; made.append(...content); return made; },
  };
})();
