/** What the linter holds: types-aware rules everywhere, and no clock, chance or free state in the replayed half. */
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** A replay must come to the same answers, so none of these may reach workflow code; the run's own clock is `now()`. */
const notReplayable = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: "Replay sees another time: use the runtime's now().",
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Replay sees another time: use the runtime's now().",
  },
  {
    selector: "CallExpression[callee.name='Date']",
    message: "Replay sees another time: use the runtime's now().",
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Replay draws another number: nothing in a run is left to chance.',
  },
  {
    selector: "Program > VariableDeclaration[kind='let']",
    message: 'Runs share the module: state belongs to one run, not to the file.',
  },
  {
    selector: "Program > ExportNamedDeclaration > VariableDeclaration[kind='let']",
    message: 'Runs share the module: state belongs to one run, not to the file.',
  },
];

const notReplayableGlobals = ['setTimeout', 'setInterval', 'console', 'process', 'fetch'].map(
  (name) => ({ name, message: 'The replayed half speaks to the world through its runtime only.' }),
);

export default defineConfig(
  { ignores: ['dist/', 'coverage/', '.belay/', '**/*.cjs'] },
  {
    files: ['**/*.ts', '**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      eqeqeq: 'error',
      'max-depth': ['error', 3],
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts', '**/*.js', '**/*.mjs'],
    ignores: ['**/*.test.ts', 'test/**'],
    rules: { 'max-params': ['error', 3] },
  },
  {
    files: ['activities/**/*.ts', 'workers/**/*.ts', 'console/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    // `run.confirm(what, fact, input, options)` reads as a sentence, so it has one more
    files: ['workflows/pass.ts', 'workflows/runbook.ts'],
    rules: { 'max-params': ['error', 4] },
  },
  {
    // the binding is where the run's clock comes from: Temporal's own, replayed, Date
    files: ['workflows/**/*.ts', 'runbooks/**/*.ts'],
    ignores: ['**/*.test.ts', 'workflows/runtime-temporal.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...notReplayable],
      'no-restricted-globals': ['error', ...notReplayableGlobals],
    },
  },
);
