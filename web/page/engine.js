// The page's end of the worker: sends studies, and replaces a worker that traps or does not answer.

/** Milliseconds after which a worker that has not answered a newer study is replaced. */
const DEAF = 400;

/** Bytes of memory beyond which a worker is replaced before its next study, since memory never shrinks. */
const LARGE = 512 * 2 ** 20;

/** Whether this browser has all that the page needs. */
export function missing() {
  // A function of one instruction on vectors of 128 bits.
  const vectors = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  if (typeof WebAssembly !== "object") return "WebAssembly";
  if (!WebAssembly.validate(new Uint8Array(vectors))) return "WebAssembly with SIMD";
  if (typeof DecompressionStream === "undefined") return "DecompressionStream";
  return typeof Worker === "undefined" ? "workers" : null;
}

/** The bytes of an element that holds a gzipped file in base64. */
async function unpacked(element) {
  const packed = Uint8Array.from(atob(element.textContent.trim()), (letter) => letter.charCodeAt(0));
  element.remove();
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

export class Engine {
  /** Compiles the module that the page holds; `receive` gets every message. */
  static async start(receive) {
    const compiled = await WebAssembly.compile(await unpacked(document.getElementById("module")));
    return new Engine(compiled, receive);
  }

  constructor(compiled, receive) {
    this.compiled = compiled;
    this.receive = receive;
    this.source = URL.createObjectURL(new Blob([document.getElementById("worker").textContent], { type: "text/javascript" }));
    this.id = 0;
    this.heard = 0;
    this.bytes = 0;
    this.renew();
  }

  renew() {
    this.worker?.terminate();
    this.bytes = 0;
    this.worker = new Worker(this.source);
    this.worker.onmessage = ({ data }) => {
      if (data.id !== undefined && data.id < this.id) return;
      this.heard = data.id ?? this.heard;
      this.bytes = data.bytes ?? this.bytes;
      if (data.kind === "trap") this.renew();
      this.receive(data);
    };
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.receive({ kind: "trap", id: this.id, message: event.message });
    };
    this.worker.postMessage({ compiled: this.compiled });
  }

  /** Begins a study; what was under way is given up. */
  study(study) {
    const id = ++this.id;
    if (this.bytes > LARGE) this.renew();
    this.worker.postMessage({ ...study, id });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.id === id && this.heard < id) {
        this.renew();
        this.worker.postMessage({ ...study, id });
      }
    }, DEAF);
    return id;
  }

  /** Asks for every setting of the model, with its meaning. */
  settings() {
    this.worker.postMessage({ settings: true });
  }

  /** Ends what is under way. */
  stop() {
    this.id += 1;
    this.renew();
  }
}
