/** Keeps V8 from inlining calls into WebAssembly, for the whole process. To be imported before whatever is made of it. */
import { setFlagsFromString } from 'node:v8';

/**
 * Node 20's V8 ends the process ("unreachable code" in its deoptimizer) when a hot call into WebAssembly that returns a
 * reference was inlined and its caller's optimised code is thrown away meanwhile. Cedar's every answer is such a call.
 * Made so on purpose, it happens every time; without inlining it does not, and an answer takes no longer.
 */
setFlagsFromString('--no-turbo-inline-js-wasm-calls');
