/**
 * `belay up`: the whole engine on this machine until it is told to end. Mends processes that die, within bounds, and says so;
 * everything else it leaves to them.
 */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { isListening } from '../servers/port.js';
import { startEngine, type Engine } from '../engine/engine.js';
import { checkpointFolderIn } from '../engine/notary-key.js';
import { readUpFile, removeUpFile, upFileIn, writeUpFile } from '../engine/up-file.js';
import { databasePlace, stateFolderOf } from './addresses.js';
import { addCommand, type JsonOption } from './command.js';
import { misused, refused } from './complaint.js';
import { reasonOf } from './reason.js';
import { jsonLine, paintOf, type Terminal } from './terminal.js';

interface UpOptions extends JsonOption {
  readonly folder?: string;
}

/** Where people look for them; a free one where something else is there already. */
const usualPorts = { temporal: 7233, temporalUi: 8233, workerMetrics: 4482, notary: 4484 } as const;
const intakePort = 4480;

export function addUp(program: Command, terminal: Terminal): void {
  addCommand(program, {
    usage: 'up',
    says: 'Run the whole engine on this machine until Ctrl-C',
    json: 'print one line with the addresses once it is ready',
  })
    .option('--folder <path>', 'the state folder; else BELAY_STATE_FOLDER, else .belay')
    .action((options: UpOptions) => up(terminal, options));
}

async function up(terminal: Terminal, options: UpOptions): Promise<void> {
  const folder = resolve(options.folder ?? stateFolderOf(terminal));
  const other = readUpFile(folder);
  if (other !== undefined) {
    throw refused(
      `it is up already (process ${other.pid})`,
      `use it, or end it: kill ${other.pid}`,
    );
  }
  const ports = await portsOf(terminal);
  const { ending } = terminal;
  const quiet = options.json === true;
  const engine = await start(terminal, { folder, ports, quiet });
  try {
    writeUpFile(folder, upFileOf(engine));
    for (const line of readyLines(engine, folder, quiet ? undefined : terminal)) terminal.out(line);
    const why = await Promise.race([engine.broken, ended(ending)]);
    if (why !== undefined) throw refused(why, 'belay up again; it goes on where it was');
    if (!quiet) terminal.out('· stopping');
  } finally {
    removeUpFile(folder);
    await engine.stop();
  }
}

interface Start {
  readonly folder: string;
  readonly ports: NonNullable<Parameters<typeof startEngine>[0]['ports']>;
  readonly quiet: boolean;
}

async function start(terminal: Terminal, { folder, ports, quiet }: Start): Promise<Engine> {
  const log = (line: string): void => {
    if (quiet) terminal.err(line);
    else terminal.out(`· ${line}`);
  };
  try {
    return await startEngine({ folder, ports, log, notary: 'with', whenProcessDies: 'restart' });
  } catch (error) {
    const [first = '', ...rest] = (error instanceof Error ? error.message : String(error)).split(
      '\n',
    );
    for (const line of rest) terminal.err(line);
    throw refused(reasonOf(new Error(first)), `the log is in ${folder}`);
  }
}

async function portsOf({ env }: Terminal): Promise<Start['ports']> {
  const given = env['BELAY_INTAKE_PORT'];
  const intake = given === undefined || given === '' ? intakePort : Number(given);
  if (await isListening(intake)) {
    throw misused(`port ${intake} is taken`, 'set BELAY_INTAKE_PORT to a free one for the intake');
  }
  const usual = await Promise.all(
    Object.entries(usualPorts).map(async ([name, port]) =>
      (await isListening(port)) ? [] : [[name, port] as const],
    ),
  );
  const metrics = env['BELAY_WORKER_METRICS_PORT'];
  return {
    ...Object.fromEntries(usual.flat()),
    ...(metrics === undefined || metrics === '' ? {} : { workerMetrics: Number(metrics) }),
    intake,
  };
}

function upFileOf(engine: Engine): Parameters<typeof writeUpFile>[1] {
  const { temporalAddress, namespace, uiUrl, databaseUrl, intakeUrl, token } = engine;
  const shared = { temporalAddress, namespace, databaseUrl, intakeUrl, token };
  return { v: 1, pid: process.pid, uiUrl: uiUrl ?? null, ...shared };
}

/** No secret among them: those are in the state folder, for its owner only. */
function readyLines(engine: Engine, folder: string, terminal: Terminal | undefined): string[] {
  const { temporalAddress, namespace, uiUrl, databaseUrl, intakeUrl, workerUrl } = engine;
  const database = databasePlace(databaseUrl);
  if (terminal === undefined) {
    const stateFile = upFileIn(folder);
    const addresses = { temporalAddress, namespace, uiUrl: uiUrl ?? null, database, intakeUrl };
    return [
      jsonLine({
        v: 1,
        ready: true,
        ...addresses,
        workerUrl,
        stateFile,
        enginePid: engine.process.pid,
      }),
    ];
  }
  const paint = paintOf(terminal);
  return [
    paint('green', 'Belay is up; Ctrl-C stops it.'),
    `  alerts       POST ${intakeUrl}/v1/alerts/alertmanager  (the bearer token: ${folder}/intake-token)`,
    ...(uiUrl === undefined ? [] : [`  Temporal UI  ${uiUrl}`]),
    `  Temporal     ${temporalAddress}, namespace ${namespace}`,
    `  PostgreSQL   ${database}`,
    `  metrics      ${intakeUrl}/metrics  ${workerUrl}/metrics`,
    `  checkpoints  ${checkpointFolderIn(folder)}  (move them off this machine: docs/audit.md)`,
    `  next         belay doctor · belay runs · belay watch  (in this folder)`,
  ];
}

function ended(ending: AbortSignal): Promise<undefined> {
  return new Promise((done) => {
    if (ending.aborted) done(undefined);
    ending.addEventListener('abort', () => {
      done(undefined);
    });
  });
}
