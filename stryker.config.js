/** `npm run mutation`: is every line of the replayed half's judgement held by a test? See test/mutants/score. */
export default {
  plugins: ['./test/mutants/score/runner.mjs'],
  testRunner: 'in-process',
  coverageAnalysis: 'perTest',
  mutate: ['workflows/{domain,gates,stages}/**/*.ts', '!**/*.test.ts'],
  ignorePatterns: [
    '/.*',
    '/dist',
    '/docs',
    '/deploy',
    '/reports',
    '/test/replay',
    '/test/fixtures',
  ],
  /** A process that has loaded its tests this often has grown; the next starts small. */
  maxTestRunnerReuse: 80,
  concurrency: 1,
  timeoutMS: 10_000,
  tempDirName: 'dist/stryker',
  cleanTempDir: 'always',
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, reportTests: false, logTests: false },
  jsonReporter: { fileName: 'dist/mutation/mutation.json' },
  thresholds: { high: 90, low: 85, break: 85 },
  allowConsoleColors: false,
  disableTypeChecks: false,
};
