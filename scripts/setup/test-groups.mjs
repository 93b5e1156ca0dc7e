/** The groups of tests, for jest.config.js and for the commands: where each lies and whether it may run beside others. */

/**
 * @typedef {object} TestGroup
 * @property {string} name
 * @property {'parallel' | 'serial'} pass serial: it starts servers or measures time
 */

/** Each lies in test/<name>/, but for `unit`, which is every other test. @type {readonly TestGroup[]} */
export const testGroups = [
  { name: 'bundle', pass: 'parallel' },
  { name: 'unit', pass: 'parallel' },
  { name: 'structure', pass: 'parallel' },
  { name: 'unwind', pass: 'parallel' },
  { name: 'faults', pass: 'parallel' },
  { name: 'incidents', pass: 'parallel' },
  { name: 'setup', pass: 'serial' },
  { name: 'intake', pass: 'serial' },
  { name: 'stories', pass: 'serial' },
  { name: 'replay', pass: 'serial' },
  { name: 'mutants', pass: 'serial' },
  { name: 'kill', pass: 'serial' },
  { name: 'chaos', pass: 'serial' },
  { name: 'contract', pass: 'serial' },
  { name: 'bench', pass: 'serial' },
  { name: 'real', pass: 'serial' },
];
