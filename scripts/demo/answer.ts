/** How the demo's plan is answered: by the person at the terminal, or through the CLI when nobody is there. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { OperatorMessage } from '../../workflows/messages.js';
import { projectFolder } from '../engine/project-folder.js';
import type { Stage } from './stage.js';

/** The demo's own answer, given as anybody would: `belay approve <run> --plan <hash>`. */
export async function answerByCli(
  stage: Stage,
  { kind, run, plan }: { kind: OperatorMessage; run: string; plan?: string },
): Promise<void> {
  const args = [kind, run, ...(plan === undefined ? [] : ['--plan', plan]), '--by', 'demo'];
  stage.say(`$ belay ${args.join(' ')}`);
  const program = join(projectFolder(), 'dist', 'scripts', 'belay.js');
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, BELAY_STATE_FOLDER: stage.ground.folder, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  if (code !== 0) throw new Error(`belay ${kind} ended with ${code}: ${said.trim()}`);
}

/** The first eight characters of the plan that is waited for. */
export function planOf(says: string): string {
  const plan = /plan ([0-9a-f]{8})/.exec(says)?.[1];
  if (plan === undefined) throw new Error(`no plan is named in: ${says}`);
  return plan;
}

export function showTheWays(stage: Stage, run: string, plan: string): void {
  const { temporalAddress, uiUrl, namespace } = stage.ground.engine;
  stage.say('It waits for a person. Three ways to answer:');
  if (uiUrl !== undefined) {
    stage.say(`  1. ${uiUrl}/namespaces/${namespace}/workflows/${run}`);
    stage.say(`     More Actions > Send a Signal > approve:approval:${plan}`);
  }
  stage.say(
    `  2. BELAY_STATE_FOLDER=${stage.ground.folder} npm run -s belay -- approve ${run} --plan ${plan}`,
  );
  stage.say(
    `  3. temporal workflow signal --address ${temporalAddress} -w ${run} --name approve:approval:${plan}`,
  );
}
