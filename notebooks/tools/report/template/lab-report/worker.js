"use strict";
// The worker that runs lab-core. The first message brings the packed module. Every message is a request, and is
// answered before the next is sent.
// A request is text in the module's memory, and so is its answer: a length in four bytes, then UTF-8.
let compiled; // the module, once for all instances
let instance; // the exports of the running instance

async function compile(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(await new Response(stream).arrayBuffer());
}

function call({ memory, lab_reserve, lab_call }, text) {
  const request = new TextEncoder().encode(text);
  const to = lab_reserve(request.length);
  new Uint8Array(memory.buffer, to, request.length).set(request); // a view is made anew: the memory may have grown
  const from = lab_call(request.length) >>> 0;
  const length = new DataView(memory.buffer).getUint32(from, true);
  return new TextDecoder().decode(new Uint8Array(memory.buffer, from + 4, length));
}

onmessage = async ({ data }) => {
  try {
    compiled ??= compile(data.module);
    instance ??= (await WebAssembly.instantiate(await compiled)).exports;
    postMessage({ text: call(instance, data.text) });
  } catch (error) {
    instance = undefined; // after a trap it is in no state to go on: the next request gets a fresh one
    postMessage({ failed: String(error?.message ?? error) });
  }
};
