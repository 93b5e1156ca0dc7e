/** How the tests are found and compiled; types are not looked at here: `npm run types` does that. */
import { testGroups } from './scripts/setup/test-groups.mjs';

const folders = testGroups.map(({ name }) => name).filter((name) => name !== 'unit');

/** @param {string} name */
const filesOf = (name) =>
  name === 'unit'
    ? { testPathIgnorePatterns: ['/node_modules/', '/dist/', `/test/(${folders.join('|')})/`] }
    : { testMatch: [`<rootDir>/test/${name}/**/*.test.ts`] };

export default {
  testTimeout: 60_000,
  verbose: process.env['CI'] === 'true',
  projects: testGroups.map(({ name }) => ({
    displayName: name,
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    testMatch: ['<rootDir>/**/*.test.ts'],
    modulePathIgnorePatterns: ['<rootDir>/dist/'],
    ...filesOf(name),
    moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
    transform: {
      '^.+\\.ts$': [
        '@swc/jest',
        { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
      ],
    },
  })),
};
