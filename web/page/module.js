// The library, as the WebAssembly module gives it: requests and replies are JSON, columns and fans plain numbers.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Module {
  /** An instance of a compiled module. */
  constructor(compiled) {
    this.exports = new WebAssembly.Instance(compiled, {}).exports;
  }

  text(bytes) {
    const { memory, reply } = this.exports;
    return decoder.decode(new Uint8Array(memory.buffer, reply(), bytes));
  }

  /** The reply to a request, by its name and fields. Throws what the library says of a request that it cannot do. */
  ask(name, fields = {}) {
    const bytes = encoder.encode(JSON.stringify({ [name]: fields }));
    const at = this.exports.request(bytes.length);
    new Uint8Array(this.exports.memory.buffer, at, bytes.length).set(bytes);
    const reply = JSON.parse(this.text(this.exports.answer()));
    if (reply.error !== undefined) throw new Error(reply.error);
    if (reply.numbers !== undefined) {
      const { memory, numbers } = this.exports;
      reply.numbers = new Float64Array(memory.buffer, numbers(), reply.numbers).slice();
    }
    return reply;
  }

  /** The message of the panic that trapped, if there was one. */
  lastWords() {
    return this.text(this.exports.last_words());
  }

  /** Bytes of memory; they never shrink. */
  get bytes() {
    return this.exports.memory.buffer.byteLength;
  }
}
